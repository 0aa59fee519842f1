-- External tables and reader views for BigQuery. Replace ${PROJECT_DATASET} by project.dataset and ${DATASET} by
-- gs://bucket/prefix (no slash at the end), then run the file as one script. The partition keys dt (DATE) and hour (STRING)
-- are those of the object names; put a filter on dt to read less. With `bq mkdef` the same layout is
-- --hive_partitioning_mode=CUSTOM --hive_partitioning_source_uri_prefix=${DATASET}/<table>/v1/{dt:DATE}/{hour:STRING}
-- Columns that a newer writer adds are ignored until this file is run again.
-- Everything here is machine coded, not reviewed, and not fused across independent reports.

-- The manifests as lines of text, to know which objects are committed: one that no manifest names does not exist, nor
-- does one that a manifest says expired.
CREATE OR REPLACE EXTERNAL TABLE `${PROJECT_DATASET}.manifest_lines` (line STRING)
OPTIONS (
  format = 'CSV', field_delimiter = '\x01', quote = '', uris = ['${DATASET}/manifests/v1/*.json']
);

CREATE OR REPLACE VIEW `${PROJECT_DATASET}.committed_objects` AS
SELECT DISTINCT CONCAT('${DATASET}/', name) AS name
FROM `${PROJECT_DATASET}.manifest_lines`,
  UNNEST(REGEXP_EXTRACT_ALL(line, r'"name": ?"([a-z]+/v1/dt=[^"]+)"')) AS name
WHERE name NOT IN (
  SELECT expired
  FROM `${PROJECT_DATASET}.manifest_lines`, UNNEST(REGEXP_EXTRACT_ALL(line, r'"object": ?"([a-z]+/v1/dt=[^"]+)"')) AS expired
);

${EXTERNAL_TABLES}

-- The latest row of each id, without those withdrawn.
CREATE OR REPLACE VIEW `${PROJECT_DATASET}.current_articles` AS
SELECT * FROM `${PROJECT_DATASET}.articles_revisions`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY article_id ORDER BY revision DESC, seq DESC) = 1 AND op = 'upsert';

CREATE OR REPLACE VIEW `${PROJECT_DATASET}.current_stories` AS
SELECT * FROM `${PROJECT_DATASET}.stories_revisions`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY article_id ORDER BY revision DESC, seq DESC) = 1 AND op = 'upsert';

CREATE OR REPLACE VIEW `${PROJECT_DATASET}.current_events` AS
SELECT * FROM `${PROJECT_DATASET}.events_revisions`
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY revision DESC, seq DESC) = 1 AND op = 'upsert';

CREATE OR REPLACE VIEW `${PROJECT_DATASET}.story_members` AS
SELECT s.story_id, s.article_id, s.relation, s.duplicate_of, s.similarity,
       a.title, a.url, a.outlet, a.publisher_family, a.ownership, a.language, a.wire_agency, a.published, a.first_seen,
       CASE WHEN a.published_precision = 'second' AND a.published <= a.first_seen
            THEN a.published ELSE a.first_seen END AS known_by
FROM `${PROJECT_DATASET}.current_stories` AS s
JOIN `${PROJECT_DATASET}.current_articles` AS a USING (article_id);

-- One row a story; see duckdb.sql and the README for what the counts mean and what they do not.
CREATE OR REPLACE VIEW `${PROJECT_DATASET}.stories_with_copies` AS
SELECT story_id,
       COUNT(*) AS articles,
       COUNTIF(relation IN ('exact', 'copy', 'excerpt')) AS copies,
       COUNTIF(relation = 'update') AS updates,
       COUNT(DISTINCT outlet) AS outlets,
       COUNT(DISTINCT publisher_family) AS independent_families,
       COUNT(DISTINCT ownership) AS ownership_groups,
       MIN(known_by) AS first_published,
       ARRAY_AGG(outlet ORDER BY known_by, article_id)[OFFSET(0)] AS first_outlet,
       ARRAY_AGG(url ORDER BY known_by, article_id)[OFFSET(0)] AS first_url,
       ARRAY_AGG(title ORDER BY known_by, article_id)[OFFSET(0)] AS first_title,
       MAX(known_by) AS last_published,
       IFNULL(ARRAY_AGG(DISTINCT wire_agency IGNORE NULLS ORDER BY wire_agency), []) AS wire_agencies,
       ARRAY_AGG(STRUCT(article_id, relation, outlet, url, known_by) ORDER BY known_by, article_id) AS members
FROM `${PROJECT_DATASET}.story_members`
GROUP BY story_id;

CREATE OR REPLACE VIEW `${PROJECT_DATASET}.events_last_7_days_by_place` AS
WITH reported AS (
    SELECT e.story_id, e.event_type, e.location.country AS country, e.location.admin1 AS admin1,
           e.location.name AS place, e.location.precision AS location_precision, e.date_start,
           COALESCE(e.date_start, SUBSTR(m.known_by, 1, 10)) AS day, m.publisher_family,
           (SELECT MAX(low) FROM (SELECT MIN(q.low) AS low FROM UNNEST(e.quantities) AS q
                                  WHERE q.kind = 'killed' GROUP BY q.who)) AS killed_low
    FROM `${PROJECT_DATASET}.current_events` AS e
    JOIN `${PROJECT_DATASET}.story_members` AS m USING (article_id)
    WHERE e.mode = 'reported' AND NOT e.is_background AND e.confidence >= 0.5
)
SELECT country, admin1, place, location_precision,
       COUNT(DISTINCT CONCAT(reported.story_id, event_type, COALESCE(date_start, ''))) AS story_events,
       COUNT(DISTINCT reported.story_id) AS stories,
       COUNT(DISTINCT publisher_family) AS independent_families,
       ARRAY_AGG(DISTINCT event_type ORDER BY event_type) AS event_types,
       MAX(killed_low) AS highest_killed_low,
       MAX(day) AS last_day
FROM reported
WHERE day BETWEEN CAST(DATE_SUB(CURRENT_DATE('UTC'), INTERVAL 6 DAY) AS STRING) AND CAST(CURRENT_DATE('UTC') AS STRING)
GROUP BY country, admin1, place, location_precision;
