locals {
  image    = "${google_artifact_registry_repository.images.location}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}/sahelwatch:${var.image_tag}"
  template = "gs://${google_storage_bucket.staging.name}/templates/sahelwatch-${var.image_tag}.json"
}

resource "google_artifact_registry_repository" "images" {
  location      = var.region
  repository_id = "sahelwatch"
  format        = "DOCKER"

  # a tag that a running job was started from must not become another image under it
  docker_config {
    immutable_tags = true
  }

  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }
}
