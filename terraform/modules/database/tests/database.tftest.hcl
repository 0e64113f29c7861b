mock_provider "google" {
  override_during = plan
}

variables {
  name              = "todo-production-db"
  region            = "europe-west1"
  database          = "todo"
  network           = "projects/p/global/networks/todo"
  services_range    = "todo-services"
  users             = { runtime = "todo-runtime@example-project.iam.gserviceaccount.com" }
  high_availability = true
  labels            = { service = "todo" }
}

run "nobody_deletes_it_by_accident" {
  command = plan
  assert {
    condition     = google_sql_database_instance.this.deletion_protection == true
    error_message = "Terraform must not delete the instance."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].deletion_protection_enabled == true
    error_message = "Nobody else must delete it either."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].retain_backups_on_delete == true
    error_message = "Backups outlive the instance."
  }
  assert {
    condition     = google_sql_database.this.deletion_policy == "ABANDON" && alltrue([for user in google_sql_user.this : user.deletion_policy == "ABANDON"])
    error_message = "The database and its users stay when Terraform forgets them."
  }
}

run "it_has_no_public_address" {
  command = plan
  assert {
    condition     = google_sql_database_instance.this.settings[0].ip_configuration[0].ipv4_enabled == false
    error_message = "The internet must not reach it."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].ip_configuration[0].private_network == "projects/p/global/networks/todo"
    error_message = "Its only address is in our network."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].ip_configuration[0].allocated_ip_range == "todo-services"
    error_message = "Its address is of the range that the firewall knows."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].ip_configuration[0].ssl_mode == "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
    error_message = "Both sides prove who they are."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].connector_enforcement == "REQUIRED"
    error_message = "Whoever connects comes by a connector."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].ip_configuration[0].enable_private_path_for_google_cloud_services == false
    error_message = "Google's other services have no business in it."
  }
  assert {
    condition     = length(google_sql_database_instance.this.settings[0].ip_configuration[0].authorized_networks) == 0
    error_message = "No network is let in by its address."
  }
}

run "it_goes_back_to_any_minute_of_a_week" {
  command = plan
  assert {
    condition     = google_sql_database_instance.this.settings[0].backup_configuration[0].enabled == true
    error_message = "There are backups."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].backup_configuration[0].binary_log_enabled == true
    error_message = "MySQL goes back to a point in time by its binary log."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].backup_configuration[0].transaction_log_retention_days == 7
    error_message = "A week can be gone back."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].backup_configuration[0].backup_retention_settings[0].retained_backups == 14
    error_message = "Fourteen backups by default."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].backup_configuration[0].location == "europe-west1"
    error_message = "Backups stay in the region."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].availability_type == "REGIONAL"
    error_message = "A second zone stands by where it is asked for."
  }
}

run "users_come_by_iam_and_have_no_password" {
  command = plan
  assert {
    condition     = one([for flag in google_sql_database_instance.this.settings[0].database_flags : flag.value if flag.name == "cloudsql_iam_authentication"]) == "on"
    error_message = "IAM users need the flag."
  }
  assert {
    condition     = one([for flag in google_sql_database_instance.this.settings[0].database_flags : flag.value if flag.name == "local_infile"]) == "off"
    error_message = "LOAD DATA LOCAL reads the client's files."
  }
  assert {
    condition     = one([for flag in google_sql_database_instance.this.settings[0].database_flags : flag.value if flag.name == "skip_show_database"]) == "on"
    error_message = "Nobody lists the databases of others."
  }
  assert {
    condition     = google_sql_user.this["runtime"].type == "CLOUD_IAM_SERVICE_ACCOUNT" && google_sql_user.this["runtime"].name == "todo-runtime@example-project.iam.gserviceaccount.com"
    error_message = "The service's user is its account."
  }
  assert {
    condition     = alltrue([for user in google_sql_user.this : user.password == null && user.password_wo == null])
    error_message = "A user of IAM has no password."
  }
  assert {
    condition     = google_sql_database_instance.this.root_password == null
    error_message = "A root password would be kept in the state."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].password_validation_policy[0].enable_password_policy == true && google_sql_database_instance.this.settings[0].password_validation_policy[0].min_length >= 16
    error_message = "Users that people make by hand have long passwords."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].password_validation_policy[0].complexity == "COMPLEXITY_DEFAULT" && google_sql_database_instance.this.settings[0].password_validation_policy[0].disallow_username_substring == true
    error_message = "Their passwords are no words, and not their names."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].password_validation_policy[0].reuse_interval == 5
    error_message = "Their last five passwords don't come back."
  }
}

run "it_keeps_text_as_it_was_and_grows_within_bounds" {
  command = plan
  assert {
    condition     = google_sql_database.this.charset == "utf8mb4" && google_sql_database.this.collation == "utf8mb4_0900_ai_ci"
    error_message = "utf8mb4 has every character."
  }
  assert {
    condition     = google_sql_database_instance.this.database_version == "MYSQL_8_4"
    error_message = "The version is one that is supported for long."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].disk_autoresize == true && google_sql_database_instance.this.settings[0].disk_autoresize_limit == 50
    error_message = "The disk grows by itself, and not without end."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].insights_config[0].query_insights_enabled == true && google_sql_database_instance.this.settings[0].insights_config[0].record_client_address == false
    error_message = "Slow queries are seen, people's addresses aren't kept."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].user_labels["service"] == "todo"
    error_message = "It carries the labels."
  }
  assert {
    condition     = output.users["runtime"] == "todo-runtime"
    error_message = "MySQL knows an account by its address up to the @."
  }
}

run "it_starts_small_and_is_mended_on_sunday_night" {
  command = plan
  variables {
    kms_key_name = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].edition == "ENTERPRISE" && google_sql_database_instance.this.settings[0].disk_type == "PD_SSD" && google_sql_database_instance.this.settings[0].disk_size == 10
    error_message = "It starts with 10 GB; the edition is the one that the machine types are of."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].maintenance_window[0].day == 7 && google_sql_database_instance.this.settings[0].maintenance_window[0].hour == 4 && google_sql_database_instance.this.settings[0].maintenance_window[0].update_track == "stable"
    error_message = "Maintenance is on Sunday at four, an hour after the backup."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].backup_configuration[0].start_time == "03:00" && google_sql_database_instance.this.settings[0].backup_configuration[0].backup_retention_settings[0].retention_unit == "COUNT"
    error_message = "The backup is made before the maintenance, and backups are counted."
  }
  assert {
    condition     = google_sql_database_instance.this.encryption_key_name == "projects/p/locations/l/keyRings/r/cryptoKeys/k"
    error_message = "The disk is encrypted by the key that was given."
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].insights_config[0].record_application_tags == true
    error_message = "A slow query says which page asked."
  }
}

run "one_zone_where_that_is_enough" {
  command = plan
  variables {
    high_availability = false
  }
  assert {
    condition     = google_sql_database_instance.this.settings[0].availability_type == "ZONAL"
    error_message = "One zone where that is enough."
  }
}

run "another_database_than_mysql_is_refused" {
  command = plan
  variables {
    database_version = "POSTGRES_17"
  }
  expect_failures = [var.database_version]
}

run "three_backups_are_refused" {
  command = plan
  variables {
    retained_backups = 3
  }
  expect_failures = [var.retained_backups]
}

run "a_disk_smaller_than_the_smallest_is_refused" {
  command = plan
  variables {
    disk_limit_gb = 5
  }
  expect_failures = [var.disk_limit_gb]
}

run "a_database_name_with_a_hyphen_is_refused" {
  command = plan
  variables {
    database = "to-do"
  }
  expect_failures = [var.database]
}

run "an_instance_name_with_capitals_is_refused" {
  command = plan
  variables {
    name = "Todo"
  }
  expect_failures = [var.name]
}
