SET VARIABLE ${TABLE}_covered = coalesce((SELECT max(seq) >> 24 FROM ${TABLE}_compact), 0);
SET VARIABLE ${TABLE}_objects = list_concat(['${DATASET}/contract/v1/empty.jsonl'],
    coalesce((SELECT list(name ORDER BY name) FROM committed_objects
              WHERE table_name = '${TABLE}' AND sequence > getvariable('${TABLE}_covered')), []));
CREATE OR REPLACE TEMP VIEW ${TABLE}_revisions AS
SELECT * EXCLUDE (dt) FROM ${TABLE}_compact
UNION ALL BY NAME
SELECT * FROM read_json(getvariable('${TABLE}_objects'), format = 'newline_delimited', maximum_object_size = 16777216,
    columns = {
        ${COLUMNS}})
WHERE seq >> 24 > getvariable('${TABLE}_covered');
