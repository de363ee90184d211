# The collector's parts, from the disk up; each may use those above it.
muster_library(collector_store
  SOURCES backup/database_copy.cpp service/state_owner.cpp store/revocation_lines.cpp
    store/lease_rows.cpp store/revocations.cpp store/section_rows.cpp store/sqlite.cpp store/store_changes.cpp store/store_file.cpp
    store/store_load.cpp store/store_rows.cpp store/store_schema.cpp store/store_sqlite.cpp
    store/store_worker.cpp store/target_rows.cpp
    $<$<BOOL:${MUSTER_FAILPOINTS}>:store/sqlite_faults.cpp>
  LINK muster::base muster::sections SQLite::SQLite3 Threads::Threads)

# The types of facts.
muster_library(collector_known_facts
  SOURCES fleet/known_facts.cpp
  LINK muster::sections muster::messages muster::targets)

muster_library(collector_fleet
  SOURCES fleet/compliance.cpp fleet/compliance_sums.cpp fleet/fleet.cpp fleet/fleet_entities.cpp fleet/fleet_host.cpp
    fleet/fleet_identity.cpp fleet/fleet_judging.cpp
    fleet/fleet_labels.cpp fleet/fleet_policy.cpp fleet/fleet_rendering.cpp fleet/fleet_scope.cpp
    fleet/fleet_targets.cpp fleet/fleet_updates.cpp fleet/fleet_views.cpp
    fleet/host_updates.cpp fleet/update_source.cpp fleet/update_tally.cpp
    fleet/host_identity.cpp fleet/policy_preview.cpp fleet/shown_labels.cpp
    fleet/sync_rules.cpp fleet/target_fleet.cpp
    inventory/inventory.cpp
  LINK muster::collector_known_facts muster::base muster::policy muster::exposition muster::sections)

# The calendar of everything that ends: pure.
muster_library(collector_expiry
  SOURCES expiry/certificate_ends.cpp expiry/domain_ends.cpp expiry/expiry_calendar.cpp
    expiry/expiry_csv.cpp expiry/expiry_kind.cpp expiry/expiry_query.cpp expiry/expiry_words.cpp
    expiry/host_ends.cpp expiry/icalendar.cpp expiry/section_ends.cpp expiry/served_ends.cpp
  LINK muster::base muster::openssl muster::policy muster::sections muster::targets)

muster_library(collector_identity
  SOURCES identity/authorities.cpp identity/ca_rotation.cpp identity/certificate_authority.cpp
    identity/certificate_builder.cpp identity/certificate_generation.cpp
    identity/certificate_names.cpp identity/enrolment.cpp identity/host_name.cpp
    identity/host_turns.cpp identity/join_token.cpp identity/signing_request.cpp
    identity/token_refusal.cpp service/state_files.cpp
  LINK muster::collector_fleet muster::openssl)

# Lists that a site keeps, of hosts or of targets, as text: pure.
muster_library(collector_source_text
  SOURCES sources/http_sd.cpp sources/source_text.cpp
  LINK muster::values Boost::headers)

# What a site says of its hosts, as text: pure.
muster_library(collector_inventory_text
  SOURCES inventory/csv_reader.cpp inventory/inventory_builder.cpp inventory/inventory_csv.cpp
    inventory/inventory_http_sd.cpp inventory/inventory_text.cpp inventory/inventory_yaml.cpp
  LINK muster::collector_identity muster::collector_source_text muster::yaml)

# Asking other people's servers.
muster_library(collector_http_client
  SOURCES http_client/boost_url_source.cpp http_client/http_document.cpp http_client/http_get.cpp
    http_client/http_source_config.cpp http_client/http_url.cpp http_client/name_lookup.cpp
    http_client/response_parser.cpp
  LINK muster::yaml muster::base Boost::headers OpenSSL::SSL Threads::Threads)

muster_library(collector_inventory_config
  SOURCES inventory/inventory_config.cpp inventory/inventory_source.cpp
  LINK muster::collector_http_client muster::collector_inventory_text)

# What a site says of its targets: text in, table out; pure but for the files.
muster_library(collector_targets_config
  SOURCES targets/joined_target_texts.cpp targets/merged_targets.cpp targets/target_check.cpp
    targets/targets_config.cpp targets/targets_http_sd.cpp
  LINK muster::collector_http_client muster::collector_source_text muster::target_file)

# How they are kept, and asked for again.
muster_library(collector_sources
  SOURCES sources/held_text.cpp sources/source_record.cpp
  LINK muster::base muster::openssl prometheus-cpp::core Threads::Threads)

muster_library(collector_target_sources
  SOURCES targets/target_source_metrics.cpp targets/target_sources.cpp
  LINK muster::collector_sources muster::collector_targets_config)

muster_library(collector_inventory
  SOURCES inventory/inventory_metrics.cpp inventory/inventory_sources.cpp
  LINK muster::collector_inventory_config muster::collector_sources muster::messages)

# Which agent looks at which target.
muster_library(collector_leases
  SOURCES targets/lease_book.cpp targets/lease_clock.cpp targets/lease_lists.cpp targets/lease_moves.cpp
    targets/lease_notes.cpp targets/lease_targets.cpp targets/leases.cpp targets/rendezvous.cpp
  LINK muster::base muster::messages muster::openssl muster::targets)

# What a report may be and when the next one is due: pure.
muster_library(collector_reports
  SOURCES sync/admission_refusal.cpp sync/brake.cpp sync/rejection_log.cpp
    sync/sync_validation.cpp
  LINK muster::base muster::messages muster::openssl muster::targets)

muster_library(collector_metrics
  SOURCES metrics/collector_metrics.cpp metrics/process_statistics.cpp
  LINK muster::collector_reports prometheus-cpp::core)

muster_library(collector_policy_metrics
  SOURCES metrics/metric_family_maker.cpp metrics/policy_metrics.cpp
  LINK muster::collector_fleet prometheus-cpp::core)

# New certificates for the hosts there are.
muster_library(collector_renewal
  SOURCES identity/client_certificate.cpp identity/reenrolment_proof.cpp identity/renewal.cpp
    identity/renewal_log.cpp
  LINK muster::collector_identity muster::collector_metrics muster::http_protocol)

# What operators do to hosts.
muster_library(collector_administration
  SOURCES fleet/host_administration.cpp
  LINK muster::collector_identity muster::collector_store)

muster_library(collector_enrolment_log
  SOURCES identity/enrolment_log.cpp
  LINK muster::collector_identity muster::collector_metrics muster::http_protocol)

muster_library(collector_handshakes
  SOURCES sync/handshake_watch.cpp
  LINK muster::collector_metrics OpenSSL::SSL)

# The only one with gRPC.
muster_library(collector_sync
  SOURCES identity/newcomers.cpp sync/call_guard.cpp sync/identity_service.cpp
    sync/refused_reports.cpp sync/sync_listener.cpp sync/sync_server.cpp sync/sync_service.cpp
  LINK muster::collector_fleet muster::collector_identity muster::collector_metrics
    muster::collector_renewal muster::collector_reports muster::collector_store muster::http_protocol muster_services)

# What is in the state directory, and the file that configures the rest.
muster_library(collector_setup
  SOURCES admin/init.cpp config.cpp config_text.cpp
  LINK muster::collector_identity muster::collector_inventory_config
    muster::collector_targets_config muster::http_protocol muster::policy_file muster::yaml)

# What makes a state directory out of nothing but a file.
muster_library(collector_backup
  SOURCES backup/backup_envelope.cpp backup/backup_snapshot.cpp backup/restore.cpp
  LINK muster::collector_setup muster::collector_store)

muster_library(collector_policy_source
  SOURCES service/policy_source.cpp
  LINK muster::policy_file)

# What a reload of the policy is held against.
muster_library(collector_policy_reload
  SOURCES service/policy_reload.cpp
  LINK muster::collector_fleet muster::collector_policy_source muster::collector_setup)

# What systemd is told.
muster_library(collector_service
  SOURCES service/heartbeat.cpp service/service_watch.cpp
  LINK muster::base muster::notify)

# The parts that listen, put together.
muster_library(collector_serve
  SOURCES collector.cpp service/housekeeping.cpp service/membership.cpp service/reload.cpp
    service/target_service.cpp service/web_front.cpp
  LINK muster::collector_backup muster::collector_setup muster::collector_store muster::collector_sync
    muster::collector_handshakes muster::collector_inventory muster::collector_policy_reload
    muster::collector_service muster::collector_policy_metrics muster::collector_leases
    muster::collector_target_sources muster::http_server muster::http_endpoints)

muster_library(collector_admin
  SOURCES admin/backup_verbs.cpp admin/ca_verbs.cpp admin/channel.cpp admin/host_sentences.cpp
    admin/expiry_table.cpp admin/expiry_verb.cpp admin/explain_text.cpp admin/host_verbs.cpp admin/paragraphs.cpp admin/policy_text.cpp
    admin/policy_verbs.cpp admin/table_cells.cpp admin/tables.cpp
    admin/target_check.cpp admin/target_tables.cpp admin/update_tables.cpp admin/verbs.cpp
  LINK muster::collector_backup muster::collector_inventory muster::collector_setup
    muster::collector_store muster::collector_target_sources muster::collector_policy_source
    muster::collector_policy_test
    muster::collector_expiry muster::collector_policy_words muster::http_endpoints muster::unix_client
    muster::verdict_table)

muster_program(muster-collector
  SOURCES cli.cpp command_line/common_options.cpp command_line/expiry_options.cpp command_line/fleet_options.cpp
    command_line/policy_options.cpp command_line/target_options.cpp main.cpp
  LINK muster::collector_serve muster::collector_admin CLI11::CLI11)
