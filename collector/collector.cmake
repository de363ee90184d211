# The collector's parts, from the disk up; each may use those above it.
muster_library(collector_store
  SOURCES database_copy.cpp revocation_lines.cpp revocations.cpp sqlite.cpp state_owner.cpp store_changes.cpp store_file.cpp store_load.cpp store_rows.cpp store_schema.cpp store_sqlite.cpp
    $<$<BOOL:${MUSTER_FAILPOINTS}>:sqlite_faults.cpp>
  LINK muster::base muster::sections SQLite::SQLite3 Threads::Threads)

muster_library(collector_fleet
  SOURCES fleet.cpp fleet_host.cpp fleet_identity.cpp fleet_views.cpp host_identity.cpp known_facts.cpp sync_rules.cpp
  LINK muster::base muster::policy muster::exposition muster::sections)

muster_library(collector_identity
  SOURCES authorities.cpp ca_rotation.cpp certificate_authority.cpp certificate_builder.cpp
    certificate_names.cpp
    certificate_generation.cpp enrolment.cpp host_name.cpp host_turns.cpp join_token.cpp
    signing_request.cpp state_files.cpp token_refusal.cpp
  LINK muster::collector_fleet muster::openssl)

# What a report may be and when the next one is due: pure.
muster_library(collector_reports
  SOURCES admission_refusal.cpp brake.cpp rejection_log.cpp sync_validation.cpp
  LINK muster::base muster::messages muster::openssl)

muster_library(collector_metrics
  SOURCES metrics/collector_metrics.cpp metrics/process_statistics.cpp
  LINK muster::collector_reports prometheus-cpp::core)

# New certificates for the hosts there are.
muster_library(collector_renewal
  SOURCES client_certificate.cpp reenrolment_proof.cpp renewal.cpp
    renewal_log.cpp
  LINK muster::collector_identity muster::collector_metrics muster::http_protocol)

# What operators do to hosts.
muster_library(collector_administration
  SOURCES host_administration.cpp
  LINK muster::collector_identity muster::collector_store)

muster_library(collector_enrolment_log
  SOURCES enrolment_log.cpp
  LINK muster::collector_identity muster::collector_metrics muster::http_protocol)

muster_library(collector_handshakes
  SOURCES handshake_watch.cpp
  LINK muster::collector_metrics OpenSSL::SSL)

# The only one with gRPC.
muster_library(collector_sync
  SOURCES call_guard.cpp identity_service.cpp newcomers.cpp refused_reports.cpp sync_listener.cpp
    sync_server.cpp sync_service.cpp
  LINK muster::collector_fleet muster::collector_identity muster::collector_metrics
    muster::collector_renewal muster::collector_reports muster::collector_store muster::http_protocol muster_services)

# What is in the state directory, and the file that configures the rest.
muster_library(collector_setup
  SOURCES config.cpp admin/init.cpp
  LINK muster::collector_identity muster::http_protocol muster::policy_file muster::yaml)

# What makes a state directory out of nothing but a file.
muster_library(collector_backup
  SOURCES backup_envelope.cpp backup_snapshot.cpp restore.cpp
  LINK muster::collector_setup muster::collector_store)

muster_library(collector_policy_source
  SOURCES policy_source.cpp
  LINK muster::policy_file)

# What systemd is told.
muster_library(collector_service
  SOURCES heartbeat.cpp service_watch.cpp
  LINK muster::base muster::notify)

# The parts that listen, put together.
muster_library(collector_serve
  SOURCES collector.cpp housekeeping.cpp web_front.cpp
  LINK muster::collector_backup muster::collector_setup muster::collector_store muster::collector_sync
    muster::collector_handshakes muster::collector_policy_source muster::collector_service
    muster::http_server muster::http_endpoints)

muster_library(collector_admin
  SOURCES admin/backup_verbs.cpp admin/ca_verbs.cpp admin/channel.cpp
    admin/host_sentences.cpp admin/host_verbs.cpp admin/tables.cpp admin/verbs.cpp
  LINK muster::collector_backup muster::collector_setup muster::collector_store
    muster::collector_policy_source
    muster::http_endpoints muster::unix_client muster::verdict_table)

muster_program(muster-collector
  SOURCES main.cpp cli.cpp
  LINK muster::collector_serve muster::collector_admin CLI11::CLI11)
