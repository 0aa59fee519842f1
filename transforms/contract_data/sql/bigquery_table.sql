CREATE OR REPLACE EXTERNAL TABLE `${PROJECT_DATASET}.${TABLE}_objects` (
  ${COLUMNS}
)
WITH PARTITION COLUMNS (dt DATE, hour STRING)
OPTIONS (
  format = 'NEWLINE_DELIMITED_JSON', uris = ['${DATASET}/${TABLE}/v1/*.jsonl.gz'],
  hive_partition_uri_prefix = '${DATASET}/${TABLE}/v1',
  require_hive_partition_filter = FALSE, ignore_unknown_values = TRUE
);
CREATE OR REPLACE VIEW `${PROJECT_DATASET}.${TABLE}_revisions` AS
SELECT * FROM `${PROJECT_DATASET}.${TABLE}_objects`
WHERE _FILE_NAME IN (SELECT name FROM `${PROJECT_DATASET}.committed_objects`);
