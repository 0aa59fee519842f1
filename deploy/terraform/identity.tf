locals {
  objects = "projects/_/buckets/${google_storage_bucket.dataset.name}/objects/${local.root}"

  # the only names an object of which is ever replaced (Store.replace), and those of what lanes have fetched, which go once
  # a window has joined them; everything else is written once and stays
  replaced = ["latest.json", "state/lease", "state/writable", "state/v1/lanes/", "contract/", "exports/"]

  published = concat(
    ["articles/", "stories/", "events/", "feeds/", "manifests/", "latest.json", "contract/", "exports/"],
    ["compact/v1/articles/", "compact/v1/stories/", "compact/v1/events/", "compact/v1/feeds/"],
  )
  texts = ["texts/", "archive/", "compact/v1/texts/"]
}

# --- the pipeline: reads, creates, replaces a handful of names; deletes no record -------------------------------------
resource "google_service_account" "watcher" {
  account_id   = "sahelwatch-watcher"
  display_name = "sahelwatch: the Dataflow job"
}

resource "google_project_iam_member" "watcher_dataflow" {
  project = var.project
  role    = "roles/dataflow.worker"
  member  = google_service_account.watcher.member
}

resource "google_storage_bucket_iam_member" "watcher_reads" {
  bucket = google_storage_bucket.dataset.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.watcher.member
}

resource "google_storage_bucket_iam_member" "watcher_creates" {
  bucket = google_storage_bucket.dataset.name
  role   = "roles/storage.objectCreator"
  member = google_service_account.watcher.member
}

# Cloud Storage asks for the right to delete when an object is overwritten.
resource "google_project_iam_custom_role" "replacer" {
  role_id     = "sahelwatchReplacer"
  title       = "sahelwatch: replace an object"
  permissions = ["storage.objects.delete"]
}

resource "google_storage_bucket_iam_member" "watcher_replaces" {
  bucket = google_storage_bucket.dataset.name
  role   = google_project_iam_custom_role.replacer.id
  member = google_service_account.watcher.member

  condition {
    title       = "rolling and passing objects only"
    description = "Records, manifests and state are written once and cannot be changed by the job that writes them."
    expression  = join(" || ", [for name in local.replaced : "resource.name.startsWith(\"${local.objects}${name}\")"])
  }
}

resource "google_storage_bucket_iam_member" "watcher_staging" {
  bucket = google_storage_bucket.staging.name
  role   = "roles/storage.objectAdmin"
  member = google_service_account.watcher.member
}

resource "google_artifact_registry_repository_iam_member" "watcher_image" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.watcher.member
}

# --- upkeep: the only account that deletes -------------------------------------------------------------------------
resource "google_service_account" "keeper" {
  account_id   = "sahelwatch-keeper"
  display_name = "sahelwatch: expire, sweep, compact, verify"
}

resource "google_storage_bucket_iam_member" "keeper" {
  bucket = google_storage_bucket.dataset.name
  role   = "roles/storage.objectUser"
  member = google_service_account.keeper.member
}

resource "google_artifact_registry_repository_iam_member" "keeper_image" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.keeper.member
}

resource "google_project_iam_member" "keeper_metrics" {
  project = var.project
  role    = "roles/monitoring.metricWriter"
  member  = google_service_account.keeper.member
}

# --- readers: what is published; texts and pages only for those who are named --------------------------------------
resource "google_storage_bucket_iam_member" "readers" {
  for_each = toset(var.readers)

  bucket = google_storage_bucket.dataset.name
  role   = "roles/storage.objectViewer"
  member = each.value

  condition {
    title = "published records"
    expression = join(" || ", concat(
      ["resource.type == \"storage.googleapis.com/Bucket\""],
      [for name in local.published : "resource.name.startsWith(\"${local.objects}${name}\")"],
    ))
  }
}

resource "google_storage_bucket_iam_member" "text_readers" {
  for_each = toset(var.text_readers)

  bucket = google_storage_bucket.dataset.name
  role   = "roles/storage.objectViewer"
  member = each.value

  condition {
    title      = "texts and archived pages"
    expression = join(" || ", [for name in local.texts : "resource.name.startsWith(\"${local.objects}${name}\")"])
  }
}

# --- operators: start, drain, update ------------------------------------------------------------------------------
resource "google_project_iam_member" "operators" {
  for_each = toset(var.operators)

  project = var.project
  role    = "roles/dataflow.developer"
  member  = each.value
}

resource "google_service_account_iam_member" "operators" {
  for_each = toset(var.operators)

  service_account_id = google_service_account.watcher.name
  role               = "roles/iam.serviceAccountUser"
  member             = each.value
}
