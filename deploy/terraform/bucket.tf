locals {
  root = "${var.prefix}/"
  uri  = "gs://${google_storage_bucket.dataset.name}/${var.prefix}"

  # what of a prefix ages: a catalogue of the archive is in use long after it was written, and what says who was taken
  # down is for ever
  aging = { archive = ["v1/dt=", "v1/windows/"] }
}

resource "google_storage_bucket" "dataset" {
  name                        = var.bucket
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # a wrong deletion can be undone for a week; a text that was forgotten is gone a week later
  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  dynamic "lifecycle_rule" {
    for_each = var.retention_days

    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value + var.backstop_days
        matches_prefix = [for name in lookup(local.aging, lifecycle_rule.key, ["v1/dt="]) : "${local.root}${lifecycle_rule.key}/${name}"]
      }
    }
  }

  # read once in a while by the audit, else only by replays
  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "NEARLINE"
    }
    condition {
      age                   = 30
      matches_prefix        = ["${local.root}archive/"]
      matches_storage_class = ["STANDARD"]
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 3
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

# Staged pipelines are needed as long as their job runs, so only temp/ is emptied.
resource "google_storage_bucket" "staging" {
  name                        = "${var.bucket}-staging"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 7
      matches_prefix = ["temp/"]
    }
  }
}
