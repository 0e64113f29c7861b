output "shiplock" {
  description = "What shiplock.config.ts wants to know of this environment: terraform output -json shiplock."
  value = {
    project         = var.project_id
    region          = var.region
    service         = module.service.name
    url             = module.service.url
    repository      = module.registry.url
    migrationJob    = module.service.migration_job
    deployer        = module.identity.emails["deployer"]
    pusher          = module.identity.emails["pusher"]
    attestor        = module.identity.emails["attestor"]
    planner         = module.identity.emails["planner"]
    binaryAttestor  = module.admission.attestor
    signingKey      = module.admission.kms_key_version
    databaseAddress = module.database.connection_name
  }
}
