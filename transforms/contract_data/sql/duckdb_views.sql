-- The latest row of each id, without those withdrawn.
CREATE OR REPLACE TEMP VIEW current_articles AS
SELECT * FROM articles_revisions
QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY revision DESC, seq DESC) = 1 AND op = 'upsert';

CREATE OR REPLACE TEMP VIEW current_stories AS
SELECT * FROM stories_revisions
QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY revision DESC, seq DESC) = 1 AND op = 'upsert';

CREATE OR REPLACE TEMP VIEW current_events AS
SELECT * FROM events_revisions
QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY revision DESC, seq DESC) = 1 AND op = 'upsert';

-- Every member of every story. known_by is when an article is known to have been out: the stated time if it is exact and not
-- later than the first sight of the article, else the first sight.
CREATE OR REPLACE TEMP VIEW story_members AS
SELECT s.story_id, s.article_id, s.relation, s.duplicate_of, s.similarity,
       a.title, a.url, a.outlet, a.publisher_family, a.ownership, a.language, a.wire_agency, a.published, a.first_seen,
       CASE WHEN a.published_precision = 'second' AND a.published <= a.first_seen
            THEN a.published ELSE a.first_seen END AS known_by
FROM current_stories AS s JOIN current_articles AS a USING (article_id);

-- One row a story. Outlets of one family are one voice, and a copy is not a second report: independent_families counts who
-- published the text, independently owned, not how many sources confirm it.
CREATE OR REPLACE TEMP VIEW stories_with_copies AS
SELECT story_id,
       count(*) AS articles,
       count(*) FILTER (relation IN ('exact', 'copy', 'excerpt')) AS copies,
       count(*) FILTER (relation = 'update') AS updates,
       count(DISTINCT outlet) AS outlets,
       count(DISTINCT publisher_family) AS independent_families,
       count(DISTINCT ownership) AS ownership_groups,
       min(known_by) AS first_published,
       arg_min(outlet, (known_by, article_id)) AS first_outlet,
       arg_min(url, (known_by, article_id)) AS first_url,
       arg_min(title, (known_by, article_id)) AS first_title,
       max(known_by) AS last_published,
       coalesce(list_sort(list(DISTINCT wire_agency) FILTER (wire_agency IS NOT NULL)), []) AS wire_agencies,
       list({article_id: article_id, relation: relation, outlet: outlet, url: url, known_by: known_by}
            ORDER BY known_by, article_id) AS members
FROM story_members
GROUP BY story_id;

-- Events by place between two days (both included): only what is reported as having happened, not in passing, and confident.
-- An event without a day of its own stands on the day its article was known. highest_killed_low is the largest single
-- figure of one event, not a sum: two stories may report one and the same attack.
CREATE OR REPLACE TEMP MACRO events_by_place(first_day, last_day) AS TABLE
WITH reported AS (
    SELECT e.story_id, e.event_type, e.location.country AS country, e.location.admin1 AS admin1,
           e.location.name AS place, e.location.precision AS location_precision, e.date_start,
           coalesce(e.date_start, m.known_by[1:10]) AS day, m.publisher_family,
           list_max([
               list_min([r.low FOR r IN e.quantities IF r.kind = 'killed' AND r.who = q.who])
               FOR q IN e.quantities IF q.kind = 'killed'
           ]) AS killed_low
    FROM current_events AS e JOIN story_members AS m USING (article_id)
    WHERE e.mode = 'reported' AND NOT e.is_background AND e.confidence >= 0.5
)
SELECT country, admin1, place, location_precision,
       count(DISTINCT (story_id, event_type, date_start)) AS story_events,
       count(DISTINCT story_id) AS stories,
       count(DISTINCT publisher_family) AS independent_families,
       list_sort(list(DISTINCT event_type)) AS event_types,
       max(killed_low) AS highest_killed_low,
       max(day) AS last_day
FROM reported
WHERE day BETWEEN CAST(first_day AS VARCHAR) AND CAST(last_day AS VARCHAR)
GROUP BY country, admin1, place, location_precision
ORDER BY story_events DESC, country, admin1, place;

CREATE OR REPLACE TEMP VIEW events_last_7_days_by_place AS
SELECT * FROM events_by_place(CAST(now() AT TIME ZONE 'UTC' AS DATE) - 6, CAST(now() AT TIME ZONE 'UTC' AS DATE));
