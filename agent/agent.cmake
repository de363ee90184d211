# The agent in layers: what starts probes, what keeps and decides, what speaks gRPC, what speaks
# HTTPS, what is shown on the host itself. Only the program itself has an argument parser.

# What holds a probe: small enough for the privileged launcher, so nothing of absl, protobuf or asio.
muster_library(sandbox
  SOURCES landlock_rules.cpp sandbox.cpp seccomp_filter.cpp system_calls.cpp
  LINK PkgConfig::LIBCAP PkgConfig::LIBSECCOMP)

muster_library(probe_launcher
  SOURCES child_process.cpp input_fingerprint.cpp launcher.cpp look_result.cpp probe_list.cpp
    probe_runner.cpp section_stream.cpp
  LINK muster::base muster::openssl muster::messages)

muster_library(agent_core
  SOURCES address.cpp agent.cpp allowed_targets.cpp assignments.cpp backoff.cpp config.cpp host_certificate.cpp looks.cpp outbox.cpp outbox_cursor.cpp
    identity.cpp outbox_directory.cpp outbox_file.cpp outbox_index.cpp own_section.cpp renewal.cpp
    renewal_rules.cpp report_plan.cpp reporter.cpp section_version.cpp status_file.cpp
    trust_bundle.cpp
  LINK muster::probe_launcher muster::yaml)

# What systemd is told.
muster_library(agent_service
  SOURCES service_report.cpp
  LINK muster::base muster::messages muster::notify)

muster_library(sync_client
  SOURCES grpc_event_engine.cpp grpc_timers.cpp sync_client.cpp sync_hint.cpp
  LINK muster::agent_core muster::services)
# Whoever links it has gRPC's timers wait as grpc_timers.h says.
target_link_options(muster_sync_client INTERFACE
  LINKER:--wrap=gpr_cv_wait LINKER:--undefined=__wrap_gpr_cv_wait)

muster_library(enrol
  SOURCES enrol.cpp https_post.cpp pinned_chain.cpp post_message.cpp reenrol.cpp
  LINK muster::agent_core muster::host_look OpenSSL::SSL)

muster_library(probe_table
  SOURCES probe_table.cpp
  LINK muster::probe_launcher muster::verdict_table)

muster_library(agent_output
  SOURCES check.cpp check_notes.cpp section_json.cpp status.cpp
  LINK muster::probe_launcher muster::policy_file muster::exposition muster::verdict_table)

muster_program(muster-agent
  SOURCES command_line.cpp main.cpp run.cpp
  LINK muster::sync_client muster::enrol muster::agent_output muster::agent_service CLI11::CLI11)
