-- The compact tables for BigQuery: closed days, the latest row of each id, read from their Delta Lake logs. Replace
-- ${PROJECT_DATASET} by project.dataset and ${DATASET} by gs://bucket/prefix (no slash at the end), then run the file as one
-- script; it needs a Cloud resource connection that may read the bucket. The tables follow their newest version by themselves;
-- put a filter on dt (DATE, the day of ingestion) to read less. For what came since the last closed day see the other file.
-- Everything here is machine coded, not reviewed, and not fused across independent reports.

${EXTERNAL_TABLES}
