# What keeps a dataset in order, from the same image, with an account of its own: the pipeline itself deletes no record.
locals {
  sahelwatch = "/opt/sahelwatch/bin/sahelwatch"

  upkeep = {
    expire = {
      schedule = "17 2 * * *"
      args = concat(
        ["expire", "--output", local.uri, "--state", "30d"],
        flatten([for kind, days in var.retention_days : ["--${kind}", "${days}d"]]),
      )
    }
    sweep = {
      schedule = "37 2 * * *"
      args     = ["sweep", "--output", local.uri]
    }
    compact = {
      schedule = "57 2 * * *"
      args     = ["compact", "--output", local.uri]
    }
    verify = {
      schedule = "17 5 * * 0"
      args     = ["verify", "--output", local.uri]
    }
  }
}

resource "google_cloud_run_v2_job" "upkeep" {
  for_each = local.upkeep

  name                = "sahelwatch-${each.key}"
  location            = var.region
  deletion_protection = false

  template {
    template {
      service_account = google_service_account.keeper.email
      timeout         = "7200s"
      max_retries     = 1

      containers {
        image   = local.image
        command = [local.sahelwatch]
        args    = each.value.args

        resources {
          limits = {
            cpu    = "2"
            memory = "4Gi"
          }
        }
      }
    }
  }
}

resource "google_service_account" "scheduler" {
  account_id   = "sahelwatch-scheduler"
  display_name = "sahelwatch: starts the upkeep jobs"
}

resource "google_cloud_run_v2_job_iam_member" "scheduler" {
  for_each = google_cloud_run_v2_job.upkeep

  name     = each.value.name
  location = each.value.location
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}

resource "google_cloud_scheduler_job" "upkeep" {
  for_each = local.upkeep

  name      = "sahelwatch-${each.key}"
  region    = var.region
  schedule  = each.value.schedule
  time_zone = "Etc/UTC"

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.upkeep[each.key].id}:run"

    oauth_token {
      service_account_email = google_service_account.scheduler.email
    }
  }
}

# --- the dataset's figures, as seen from outside the pipeline -------------------------------------------------------
resource "google_service_account" "exporter" {
  account_id   = "sahelwatch-exporter"
  display_name = "sahelwatch: reads the dataset and exports its figures"
}

resource "google_storage_bucket_iam_member" "exporter" {
  bucket = google_storage_bucket.dataset.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.exporter.member
}

resource "google_artifact_registry_repository_iam_member" "exporter_image" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.exporter.member
}

resource "google_project_iam_member" "exporter_metrics" {
  project = var.project
  role    = "roles/monitoring.metricWriter"
  member  = google_service_account.exporter.member
}

resource "google_cloud_run_v2_service" "exporter" {
  count = var.exporter ? 1 : 0

  name                = "sahelwatch-exporter"
  location            = var.region
  ingress             = "INGRESS_TRAFFIC_INTERNAL_ONLY"
  deletion_protection = false

  template {
    service_account = google_service_account.exporter.email

    scaling {
      min_instance_count = 1
      max_instance_count = 1
    }

    containers {
      name    = "status"
      image   = local.image
      command = [local.sahelwatch]
      args = [
        "status", "--output", local.uri, "--feeds", var.feeds, "--metrics-port", "8080", "--metrics-address", "0.0.0.0",
      ]

      ports {
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = "1"
          memory = "1Gi"
        }
        cpu_idle = false
      }

      startup_probe {
        failure_threshold = 60
        period_seconds    = 10
        tcp_socket {
          port = 8080
        }
      }
    }

    # takes the figures to Managed Service for Prometheus; reads /metrics on port 8080 unless configured otherwise
    containers {
      name       = "collector"
      image      = "us-docker.pkg.dev/cloud-ops-agents-artifacts/cloud-run-gmp-sidecar/cloud-run-gmp-sidecar:1.2.0"
      depends_on = ["status"]
    }
  }
}
