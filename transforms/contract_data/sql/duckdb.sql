-- Reader views for DuckDB (tested with 2.0). Replace ${DATASET} by the root of the dataset (a local folder, or gs://bucket/prefix
-- with the httpfs extension and credentials), then run the file in your session:
--     sed 's#${DATASET}#/data/sahelwatch#g' duckdb.sql > views.sql;  duckdb -init views.sql
-- What is read is fixed when the file runs: the objects that the manifests name at that moment, the same for all views. An
-- object that no manifest names (a killed writer leaves some) is never read, nor one that a manifest says expired.
-- Run the file again to see newer windows.
-- Everything here is machine coded, not reviewed, and not fused across independent reports.
-- If an object is missing when a view reads it, it expired in between: run the file again.

CREATE OR REPLACE TEMP TABLE manifests AS
SELECT objects, expired
FROM read_json('${DATASET}/manifests/v1/dt=*/hour=*/*.json', format = 'auto', maximum_object_size = 268435456,
               columns = {objects: 'STRUCT("table" VARCHAR, name VARCHAR)[]', expired: 'STRUCT(object VARCHAR)[]'});

CREATE OR REPLACE TEMP TABLE committed_objects AS
SELECT object."table" AS table_name, '${DATASET}/' || object.name AS name
FROM (SELECT unnest(objects) AS object FROM manifests)
WHERE object.name NOT IN (SELECT unnest(expired).object FROM manifests);

-- Every revision of every row, by table. The empty file stands in for a table that has no rows yet.
${TABLE_VIEWS}

${VIEWS}
