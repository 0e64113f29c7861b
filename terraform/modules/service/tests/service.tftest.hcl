mock_provider "google" {
  override_during = plan
}

variables {
  name              = "todo-production"
  region            = "europe-west1"
  image             = "europe-west1-docker.pkg.dev/p/todo/todo@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  runtime           = "runtime@example-project.iam.gserviceaccount.com"
  migrator          = "migrator@example-project.iam.gserviceaccount.com"
  deployer          = "deployer@example-project.iam.gserviceaccount.com"
  network           = "projects/p/global/networks/todo"
  subnetwork        = "projects/p/regions/europe-west1/subnetworks/todo"
  min_instances     = 0
  max_instances     = 3
  enforce_admission = true
  environment_variables = {
    DATABASE = "mysql://todo-runtime@/todo"
  }
  migration_variables = { DATABASE = "mysql://todo-migrator@/todo" }
  secrets             = { SESSION_KEY = { secret = "todo-session-key", version = "3" } }
  labels              = { service = "todo" }
}

run "only_who_was_named_may_call" {
  command = plan
  variables {
    invokers = { probe = "serviceAccount:deployer@example-project.iam.gserviceaccount.com" }
  }
  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.public) == 0
    error_message = "The service isn't public unless asked."
  }
  assert {
    condition     = [for grant in google_cloud_run_v2_service_iam_member.invoker : "${grant.role} ${grant.member}"] == ["roles/run.invoker serviceAccount:deployer@example-project.iam.gserviceaccount.com"]
    error_message = "Who was named may call."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.invoker_iam_disabled == false
    error_message = "The check of the caller stays on."
  }
}

run "it_is_public_where_that_was_asked_for" {
  command = plan
  variables {
    public = true
  }
  assert {
    condition     = google_cloud_run_v2_service_iam_member.public[0].member == "allUsers" && google_cloud_run_v2_service_iam_member.public[0].role == "roles/run.invoker"
    error_message = "Everybody may call, and do nothing else."
  }
}

run "it_runs_as_itself" {
  command = plan
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].service_account == "runtime@example-project.iam.gserviceaccount.com"
    error_message = "It must not run as the project's default account."
  }
  assert {
    condition     = google_cloud_run_v2_job.migrate.template[0].template[0].service_account == "migrator@example-project.iam.gserviceaccount.com"
    error_message = "The migration has an account of its own."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.deletion_protection == true && google_cloud_run_v2_job.migrate.deletion_protection == true
    error_message = "An apply deletes neither service nor job."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].execution_environment == "EXECUTION_ENVIRONMENT_GEN2"
    error_message = "The second generation is a full Linux."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.ingress == "INGRESS_TRAFFIC_ALL"
    error_message = "Requests come from everywhere by default; who may call is another question."
  }
}

run "only_what_was_signed_runs" {
  command = plan
  assert {
    condition     = google_cloud_run_v2_service.this.binary_authorization[0].use_default == true
    error_message = "Each revision of the service is admitted by Binary Authorization."
  }
  assert {
    condition     = google_cloud_run_v2_job.migrate.binary_authorization[0].use_default == true
    error_message = "So is the migration."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.binary_authorization[0].breakglass_justification == null
    error_message = "Nobody breaks the glass in advance."
  }
}

run "it_is_bounded" {
  command = plan
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].scaling[0].min_instance_count == 0 && google_cloud_run_v2_service.this.template[0].scaling[0].max_instance_count == 3
    error_message = "Instances are as many as was said."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].resources[0].limits == tomap({ cpu = "1", memory = "512Mi" })
    error_message = "An instance has a bound of CPU and memory."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].timeout == "60s" && google_cloud_run_v2_service.this.template[0].max_instance_request_concurrency == 80
    error_message = "A request has a bound of time, an instance one of requests."
  }
  assert {
    condition     = google_cloud_run_v2_job.migrate.template[0].template[0].max_retries == 0 && google_cloud_run_v2_job.migrate.template[0].template[0].timeout == "600s"
    error_message = "A migration that failed is not tried again by itself."
  }
  assert {
    condition     = google_cloud_run_v2_job.migrate.template[0].parallelism == 1 && google_cloud_run_v2_job.migrate.template[0].task_count == 1
    error_message = "Migrations never run beside each other."
  }
}

run "it_is_watched" {
  command = plan
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].http_get[0].path == "/ready"
    error_message = "An instance gets requests once its database answers."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].http_get[0].path == "/health"
    error_message = "An instance that hangs is replaced; one whose database is away isn't."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].failure_threshold * google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].period_seconds <= 240
    error_message = "Cloud Run waits 240 seconds at most."
  }
}

run "secrets_are_secrets_with_a_number" {
  command = plan
  assert {
    condition     = one([for variable in google_cloud_run_v2_service.this.template[0].containers[0].env : variable.value_source[0].secret_key_ref[0].version if variable.name == "SESSION_KEY"]) == "3"
    error_message = "A revision names its secret's version."
  }
  assert {
    condition     = one([for variable in google_cloud_run_v2_service.this.template[0].containers[0].env : variable.value_source[0].secret_key_ref[0].secret if variable.name == "SESSION_KEY"]) == "todo-session-key"
    error_message = "The secret is the one that was named."
  }
  assert {
    condition     = one([for variable in google_cloud_run_v2_service.this.template[0].containers[0].env : variable.value if variable.name == "DATABASE"]) == "mysql://todo-runtime@/todo"
    error_message = "The service's settings reach it."
  }
  assert {
    condition     = one([for variable in google_cloud_run_v2_job.migrate.template[0].template[0].containers[0].env : variable.value if variable.name == "DATABASE"]) == "mysql://todo-migrator@/todo"
    error_message = "The migration's settings win over the service's."
  }
  assert {
    condition     = length([for variable in google_cloud_run_v2_job.migrate.template[0].template[0].containers[0].env : variable if variable.name == "SESSION_KEY"]) == 0
    error_message = "The migration has no business with the service's secrets."
  }
}

run "it_reaches_its_network_and_the_deployer_reaches_it" {
  command = plan
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].vpc_access[0].egress == "PRIVATE_RANGES_ONLY" && google_cloud_run_v2_service.this.template[0].vpc_access[0].network_interfaces[0].subnetwork == var.subnetwork
    error_message = "The service is in its subnet."
  }
  assert {
    condition     = google_cloud_run_v2_job.migrate.template[0].template[0].vpc_access[0].network_interfaces[0].subnetwork == var.subnetwork
    error_message = "So is the migration."
  }
  assert {
    condition     = google_cloud_run_v2_service_iam_member.deployer.role == "roles/run.developer" && google_cloud_run_v2_service_iam_member.deployer.member == "serviceAccount:deployer@example-project.iam.gserviceaccount.com"
    error_message = "The deployer's power ends at this service."
  }
  assert {
    condition     = google_cloud_run_v2_job_iam_member.deployer.role == "roles/run.developer" && google_cloud_run_v2_job_iam_member.deployer.member == "serviceAccount:deployer@example-project.iam.gserviceaccount.com"
    error_message = "And at this job."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.labels["service"] == "todo" && google_cloud_run_v2_job.migrate.labels["service"] == "todo"
    error_message = "Both carry the labels."
  }
}

run "an_image_by_tag_is_refused" {
  command = plan
  variables {
    image = "europe-west1-docker.pkg.dev/p/todo/todo:latest"
  }
  expect_failures = [var.image]
}

run "a_secret_by_latest_is_refused" {
  command = plan
  variables {
    secrets = { SESSION_KEY = { secret = "todo-session-key", version = "latest" } }
  }
  expect_failures = [var.secrets]
}

run "a_password_among_the_settings_is_refused" {
  command = plan
  variables {
    environment_variables = { DATABASE_PASSWORD = "x" }
  }
  expect_failures = [var.environment_variables]
}

run "a_name_in_both_places_is_refused" {
  command = plan
  variables {
    environment_variables = { SESSION_KEY_ID = "x" }
    secrets               = { SESSION_KEY_ID = { secret = "a", version = "1" } }
  }
  expect_failures = [google_cloud_run_v2_service.this]
}

run "everybody_as_an_invoker_is_refused" {
  command = plan
  variables {
    invokers = { all = "allUsers" }
  }
  expect_failures = [var.invokers]
}

run "more_instances_at_least_than_at_most_are_refused" {
  command = plan
  variables {
    min_instances = 4
  }
  expect_failures = [var.min_instances]
}

run "instances_without_bound_are_refused" {
  command = plan
  variables {
    max_instances = 1000
  }
  expect_failures = [var.max_instances]
}

run "a_concurrency_beyond_cloud_runs_is_refused" {
  command = plan
  variables {
    concurrency = 2000
  }
  expect_failures = [var.concurrency]
}

run "memory_without_a_unit_is_refused" {
  command = plan
  variables {
    memory = "512"
  }
  expect_failures = [var.memory]
}

run "an_unknown_ingress_is_refused" {
  command = plan
  variables {
    ingress = "all"
  }
  expect_failures = [var.ingress]
}

run "a_name_with_capitals_is_refused" {
  command = plan
  variables {
    name = "Todo"
  }
  expect_failures = [var.name]
}

run "it_costs_nothing_while_nobody_asks_and_starts_quickly" {
  command = plan
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].resources[0].cpu_idle == true
    error_message = "Between requests an instance has no CPU, and is not billed for it."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].resources[0].startup_cpu_boost == true
    error_message = "A cold start has more CPU."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].ports[0].container_port == 8080
    error_message = "The service listens where its image says."
  }
  assert {
    condition     = google_cloud_run_v2_job.migrate.template[0].template[0].containers[0].resources[0].limits == tomap({ cpu = "1", memory = "512Mi" })
    error_message = "A migration has a bound of CPU and memory."
  }
  assert {
    condition     = google_cloud_run_v2_job.migrate.template[0].template[0].execution_environment == "EXECUTION_ENVIRONMENT_GEN2"
    error_message = "The migration runs where the service does."
  }
}

run "an_instance_that_hangs_is_replaced_in_half_a_minute" {
  command = plan
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].period_seconds == 10 && google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].timeout_seconds == 2 && google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].failure_threshold == 3
    error_message = "Three probes in half a minute, each of two seconds."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].timeout_seconds == 1
    error_message = "A probe takes no longer than the time until the next."
  }
}

run "both_are_in_the_network_and_encrypted_by_the_key" {
  command = plan
  variables {
    kms_key_name = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].vpc_access[0].network_interfaces[0].network == var.network && google_cloud_run_v2_job.migrate.template[0].template[0].vpc_access[0].network_interfaces[0].network == var.network
    error_message = "Service and migration are in the network that was given."
  }
  assert {
    condition     = google_cloud_run_v2_job.migrate.template[0].template[0].vpc_access[0].egress == "PRIVATE_RANGES_ONLY"
    error_message = "Only private ranges go through the network."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].encryption_key == "projects/p/locations/l/keyRings/r/cryptoKeys/k" && google_cloud_run_v2_job.migrate.template[0].template[0].encryption_key == "projects/p/locations/l/keyRings/r/cryptoKeys/k"
    error_message = "What Cloud Run keeps of the images is encrypted by the key that was given."
  }
}
