mock_provider "google" {
  override_during = plan
  mock_resource "google_compute_global_address" {
    defaults = { address = "10.20.0.0" }
  }
  mock_resource "google_compute_network" {
    defaults = { id = "projects/p/global/networks/todo" }
  }
}

variables {
  name   = "todo-production"
  region = "europe-west1"
}

run "nothing_of_the_default_network_is_used" {
  command = plan
  assert {
    condition     = google_compute_network.this.auto_create_subnetworks == false
    error_message = "A network that makes its own subnets has one in every region, with Google's default rules."
  }
  assert {
    condition     = google_compute_network.this.delete_default_routes_on_create == true
    error_message = "The default route leads to the internet."
  }
  assert {
    condition     = google_compute_network.this.routing_mode == "REGIONAL"
    error_message = "Routes are the region's."
  }
  assert {
    condition     = google_compute_subnetwork.service.region == "europe-west1" && google_compute_subnetwork.service.network == google_compute_network.this.id
    error_message = "The subnet is in the service's region and in this network."
  }
}

run "the_subnet_is_private_and_watched" {
  command = plan
  assert {
    condition     = google_compute_subnetwork.service.private_ip_google_access == true
    error_message = "Without private access Google's own APIs are reached by the internet."
  }
  assert {
    condition     = google_compute_subnetwork.service.log_config[0].flow_sampling == 0.1
    error_message = "Flow logs keep a tenth of the connections by default."
  }
  assert {
    condition     = google_compute_subnetwork.service.log_config[0].metadata == "INCLUDE_ALL_METADATA"
    error_message = "A flow log without metadata doesn't say who."
  }
  assert {
    condition     = google_compute_subnetwork.service.ip_cidr_range == "10.8.0.0/24"
    error_message = "The default range is 10.8.0.0/24."
  }
}

run "the_database_is_reached_by_peering" {
  command = plan
  assert {
    condition     = google_compute_global_address.services.purpose == "VPC_PEERING" && google_compute_global_address.services.address_type == "INTERNAL"
    error_message = "The database's range is an internal one, for peering."
  }
  assert {
    condition     = google_service_networking_connection.services.service == "servicenetworking.googleapis.com"
    error_message = "The peering is Google's service network."
  }
  assert {
    condition     = google_service_networking_connection.services.reserved_peering_ranges == tolist([google_compute_global_address.services.name])
    error_message = "The peering takes its addresses from our range only."
  }
}

run "nothing_leaves_but_to_the_database" {
  command = plan
  assert {
    condition     = google_compute_firewall.deny_egress.direction == "EGRESS" && one(google_compute_firewall.deny_egress.deny).protocol == "all"
    error_message = "All that leaves is refused by default."
  }
  assert {
    condition     = google_compute_firewall.deny_egress.destination_ranges == toset(["0.0.0.0/0"])
    error_message = "The refusal holds for every destination."
  }
  assert {
    condition     = length(google_compute_firewall.deny_egress.log_config) == 1
    error_message = "What was refused is logged."
  }
  assert {
    condition     = google_compute_firewall.allow_database.priority < google_compute_firewall.deny_egress.priority
    error_message = "The exception must come before the refusal, or the database isn't reached."
  }
  assert {
    condition     = google_compute_firewall.allow_database.destination_ranges == toset(["10.20.0.0/20"])
    error_message = "The exception is the database's range and no other."
  }
  assert {
    condition     = one(google_compute_firewall.allow_database.allow).ports == tolist(["3306", "3307"]) && one(google_compute_firewall.allow_database.allow).protocol == "tcp"
    error_message = "The exception is MySQL's and the connector's port."
  }
  assert {
    condition     = google_compute_firewall.allow_database.direction == "EGRESS"
    error_message = "The exception lets nothing in."
  }
}

run "a_region_without_cloud_run_is_refused" {
  command = plan
  variables {
    region = "europe-north9"
  }
  expect_failures = [var.region]
}

run "a_range_too_small_for_cloud_run_is_refused" {
  command = plan
  variables {
    cidr = "10.8.0.0/28"
  }
  expect_failures = [var.cidr]
}

run "what_is_no_range_is_refused" {
  command = plan
  variables {
    cidr = "10.8.0.0"
  }
  expect_failures = [var.cidr]
}

run "flow_logs_cannot_be_switched_off" {
  command = plan
  variables {
    flow_log_sampling = 0
  }
  expect_failures = [var.flow_log_sampling]
}

run "a_name_with_capitals_is_refused" {
  command = plan
  variables {
    name = "Todo"
  }
  expect_failures = [var.name]
}
