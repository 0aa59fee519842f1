output "dataset" {
  description = "Where the records are."
  value       = local.uri
}

output "image" {
  description = "What deploy/dataflow/README.md builds and pushes."
  value       = local.image
}

output "template" {
  description = "Where the template's specification goes."
  value       = local.template
}

output "egress_address" {
  description = "The address all requests come from."
  value       = google_compute_address.egress.address
}
