output "slos" {
  description = "The full names of the service-level objectives."
  value       = local.slos
}

output "notification_channels" {
  description = "The ids of the channels that alerts go to."
  value       = local.channels
}
