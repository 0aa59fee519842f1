-- The views of duckdb.sql over the compact tables and, from where these end, the newest windows (tested with DuckDB 2.0): the long
-- history without reading every hour of it. It needs relations articles_compact, stories_compact, events_compact, feeds_compact
-- and rejects_compact, which the README makes in Python; in DuckDB itself, with its delta extension, each is
--     CREATE TEMP VIEW articles_compact AS SELECT * FROM delta_scan('${DATASET}/compact/v1/articles');
-- Replace ${DATASET} as in duckdb.sql, and run the file again to see newer windows. The views named *_revisions hold the older
-- revisions of the newest windows only.
-- Everything here is machine coded, not reviewed, and not fused across independent reports.

CREATE OR REPLACE TEMP TABLE manifests AS
SELECT sequence, objects, expired
FROM read_json('${DATASET}/manifests/v1/dt=*/hour=*/*.json', format = 'auto', maximum_object_size = 268435456,
               columns = {sequence: 'BIGINT', objects: 'STRUCT("table" VARCHAR, name VARCHAR)[]',
                          expired: 'STRUCT(object VARCHAR)[]'});

CREATE OR REPLACE TEMP TABLE committed_objects AS
SELECT sequence, object."table" AS table_name, '${DATASET}/' || object.name AS name
FROM (SELECT sequence, unnest(objects) AS object FROM manifests)
WHERE object.name NOT IN (SELECT unnest(expired).object FROM manifests);

-- A row's window is in its seq (seq >> 24), and a compact table has whole windows: what it has is left out of the newest ones.
${TABLE_VIEWS}

${VIEWS}
