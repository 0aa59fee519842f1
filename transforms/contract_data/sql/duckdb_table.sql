SET VARIABLE ${TABLE}_objects = list_concat(['${DATASET}/contract/v1/empty.jsonl'],
    coalesce((SELECT list(name ORDER BY name) FROM committed_objects WHERE table_name = '${TABLE}'), []));
CREATE OR REPLACE TEMP VIEW ${TABLE}_revisions AS
SELECT * FROM read_json(getvariable('${TABLE}_objects'), format = 'newline_delimited', maximum_object_size = 16777216,
    columns = {
        ${COLUMNS}});
