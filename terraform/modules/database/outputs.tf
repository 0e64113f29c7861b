output "connection_name" {
  description = "project:region:instance, as the connector wants it."
  value       = google_sql_database_instance.this.connection_name
}

output "instance" {
  description = "The instance's name."
  value       = google_sql_database_instance.this.name
}

output "database" {
  description = "The database's name."
  value       = google_sql_database.this.name
}

output "users" {
  description = "What each account is called in MySQL: its email address up to the @."
  value       = { for name, email in var.users : name => split("@", email)[0] }
}
