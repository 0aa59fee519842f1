# Workers have no public address: all requests leave from one fixed address, which a publisher can know and a host can
# allow or refuse, and nothing can reach a worker from outside.
resource "google_compute_network" "workers" {
  name                    = "sahelwatch"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "workers" {
  name                     = "sahelwatch-workers"
  network                  = google_compute_network.workers.id
  region                   = var.region
  ip_cidr_range            = "10.31.0.0/24"
  private_ip_google_access = true
}

resource "google_compute_address" "egress" {
  name   = "sahelwatch-egress"
  region = var.region
}

resource "google_compute_router" "egress" {
  name    = "sahelwatch"
  network = google_compute_network.workers.id
  region  = var.region
}

resource "google_compute_router_nat" "egress" {
  name                               = "sahelwatch"
  router                             = google_compute_router.egress.name
  region                             = var.region
  nat_ip_allocate_option             = "MANUAL_ONLY"
  nat_ips                            = [google_compute_address.egress.self_link]
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  # a lane may have a connection open to each of its hosts at once
  min_ports_per_vm                    = 1024
  enable_endpoint_independent_mapping = false

  subnetwork {
    name                    = google_compute_subnetwork.workers.id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }

  log_config {
    enable = true
    filter = "ERRORS_ONLY"
  }
}

# The client refuses private addresses itself (transforms/addresses.py); this is the second wall behind it. The metadata
# server is reached inside the machine, which no firewall rule sees.
resource "google_compute_firewall" "deny_private" {
  name      = "sahelwatch-deny-private"
  network   = google_compute_network.workers.id
  direction = "EGRESS"
  priority  = 1000

  destination_ranges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"]
  target_tags        = ["dataflow"]

  deny {
    protocol = "all"
  }
}

# Workers of a streaming job talk to each other on these two ports.
resource "google_compute_firewall" "workers_out" {
  name      = "sahelwatch-workers-out"
  network   = google_compute_network.workers.id
  direction = "EGRESS"
  priority  = 900

  destination_ranges = [google_compute_subnetwork.workers.ip_cidr_range]
  target_tags        = ["dataflow"]

  allow {
    protocol = "tcp"
    ports    = ["12345", "12346"]
  }
}

resource "google_compute_firewall" "workers_in" {
  name      = "sahelwatch-workers-in"
  network   = google_compute_network.workers.id
  direction = "INGRESS"
  priority  = 900

  source_tags = ["dataflow"]
  target_tags = ["dataflow"]

  allow {
    protocol = "tcp"
    ports    = ["12345", "12346"]
  }
}

# Everything that is asked of the world is HTTP, HTTPS or a name.
resource "google_compute_firewall" "web_out" {
  name      = "sahelwatch-web-out"
  network   = google_compute_network.workers.id
  direction = "EGRESS"
  priority  = 1100

  destination_ranges = ["0.0.0.0/0"]
  target_tags        = ["dataflow"]

  allow {
    protocol = "tcp"
    ports    = ["80", "443"]
  }
}

resource "google_compute_firewall" "deny_rest" {
  name      = "sahelwatch-deny-rest"
  network   = google_compute_network.workers.id
  direction = "EGRESS"
  priority  = 1200

  destination_ranges = ["0.0.0.0/0"]
  target_tags        = ["dataflow"]

  deny {
    protocol = "all"
  }
}
