# The agent in layers: what starts probes, what keeps and decides, what speaks gRPC, what speaks
# HTTPS, what is shown on the host itself. Only the program itself has an argument parser.

# What the agent and its launcher both know: the list of probes, how they talk, and whose word
# agent.yml is.
muster_library(launcher_protocol
  SOURCES config_owner.cpp launcher_program/request_table.cpp launcher_protocol.cpp
    mechanism_name.cpp probe_list.cpp)

# What holds a probe: small enough for the privileged launcher, so nothing of absl, protobuf or asio.
muster_library(sandbox
  SOURCES landlock_rules.cpp sandbox.cpp seccomp_filter.cpp system_calls.cpp
  LINK muster::launcher_protocol PkgConfig::LIBCAP PkgConfig::LIBSECCOMP)

# The one privileged program, and all that it links beside libc: nothing that parses.
muster_library(launcher_program
  SOURCES launcher_program/child.cpp launcher_program/log.cpp launcher_program/request_reader.cpp
    launcher_program/server.cpp
  LINK muster::launcher_protocol muster::notify muster::sandbox)
muster_program(muster-launcher
  SOURCES launcher_program/main.cpp launcher_program/options.cpp
  LINK muster::launcher_program
  OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/libexec/muster)
target_include_directories(muster-launcher PRIVATE ${PROJECT_BINARY_DIR})
# It stays in memory: a C++ library of its own costs it less than the pages it would dirty in the
# shared one.
target_link_options(muster-launcher PRIVATE -static-libstdc++ -static-libgcc)

muster_library(probe_launcher
  SOURCES backoff.cpp input_fingerprint.cpp launcher.cpp launcher_link.cpp launcher_run.cpp look_result.cpp
    probe_runner.cpp section_stream.cpp
  LINK muster::launcher_protocol muster::base muster::openssl muster::messages)

muster_library(agent_core
  SOURCES address.cpp agent.cpp allowed_targets.cpp assignments.cpp config.cpp host_certificate.cpp looks.cpp outbox.cpp outbox_cursor.cpp
    identity.cpp outbox_directory.cpp outbox_file.cpp outbox_index.cpp own_section.cpp probe_requests.cpp
    renewal.cpp renewal_rules.cpp report_plan.cpp reporter.cpp section_version.cpp status_file.cpp
    trust_bundle.cpp trusted_config.cpp
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
  LINK muster::launcher_protocol muster::messages muster::verdict_table)

muster_library(agent_output
  SOURCES check.cpp check_notes.cpp section_json.cpp status.cpp what_leaves.cpp
  LINK muster::agent_core muster::policy_file muster::exposition muster::verdict_table)

muster_library(privileges
  SOURCES privileges.cpp
  LINK muster::base)

muster_program(muster-agent
  SOURCES command_line.cpp launcher_start.cpp main.cpp run.cpp
  LINK muster::privileges muster::sync_client muster::enrol muster::agent_output muster::agent_service
    muster::probe_table CLI11::CLI11)
