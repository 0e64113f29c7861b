output "network" {
  description = "The id of the network."
  # Whoever places a database in it needs the peering to be there.
  value      = google_compute_network.this.id
  depends_on = [google_service_networking_connection.services]
}

output "subnetwork" {
  description = "The id of the subnet that the service's instances join."
  value       = google_compute_subnetwork.service.id
}

output "services_range" {
  description = "The name of the range that the database takes its address from."
  value       = google_compute_global_address.services.name
}
