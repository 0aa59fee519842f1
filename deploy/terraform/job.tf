# One job, for months. Changing a parameter here drains it and starts another, which goes on where the first one ended:
# all state is in the bucket. (A changed catalogue needs nothing: it is read again at every tick.)
resource "google_dataflow_flex_template_job" "watch" {
  provider = google-beta

  name                    = "sahelwatch"
  region                  = var.region
  container_spec_gcs_path = local.template
  on_delete               = "drain"

  enable_streaming_engine = true
  machine_type            = var.machine_type
  num_workers             = 1
  max_workers             = var.max_workers
  sdk_container_image     = local.image
  service_account_email   = google_service_account.watcher.email
  staging_location        = "gs://${google_storage_bucket.staging.name}/staging"
  temp_location           = "gs://${google_storage_bucket.staging.name}/temp"
  subnetwork              = "regions/${var.region}/subnetworks/${google_compute_subnetwork.workers.name}"
  ip_configuration        = "WORKER_IP_PRIVATE"

  labels = {
    service = "sahelwatch"
  }

  parameters = {
    output     = local.uri
    contact    = var.contact
    feeds      = var.feeds
    lanes      = tostring(var.lanes)
    log_format = "json"
  }

  depends_on = [
    google_storage_bucket_iam_member.watcher_reads,
    google_storage_bucket_iam_member.watcher_creates,
    google_storage_bucket_iam_member.watcher_replaces,
    google_storage_bucket_iam_member.watcher_staging,
    google_artifact_registry_repository_iam_member.watcher_image,
    google_project_iam_member.watcher_dataflow,
    google_compute_router_nat.egress,
  ]
}
