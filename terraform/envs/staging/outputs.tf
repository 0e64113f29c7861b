output "shiplock" {
  description = "For shiplock.config.ts: terraform output -json shiplock."
  value       = module.environment.shiplock
}
