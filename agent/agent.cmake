# The agent in layers: what starts probes, what keeps and decides, what speaks gRPC, what speaks
# HTTPS, what is shown on the host itself. Only the program itself has an argument parser.

# What the agent and its launcher both know: the list of probes, how they talk, and whose word
# agent.yml is.
muster_library(launcher_protocol
  SOURCES config/config_owner.cpp launcher/launcher_protocol.cpp launcher/mechanism_name.cpp
    launcher/memory_file.cpp launcher_program/request_table.cpp looking/probe_list.cpp)

# What processes have mapped, or which sockets open, for a probe that may not look itself, or that a user
# runs by hand.
muster_library(process_table
  SOURCES sandbox/process_table.cpp sandbox/process_text.cpp sandbox/socket_table.cpp)

# Where a probe hears what the host answers to fixed questions.
muster_library(host_answers_source
  SOURCES sandbox/host_answers_source.cpp
  LINK muster::system_bus_socket)
# The bus on which a probe asks a daemon.
muster_library(system_bus_socket SOURCES sandbox/system_bus_socket.cpp)

# Of who gives rights up: the kernel's calls for it.
muster_library(system_calls
  SOURCES sandbox/system_calls.cpp
  LINK PkgConfig::LIBCAP)

# What holds a probe: small enough for the privileged launcher, so nothing of absl, protobuf or asio.
muster_library(sandbox
  SOURCES sandbox/inherited_files.cpp sandbox/landlock_rules.cpp sandbox/sandbox.cpp sandbox/seccomp_filter.cpp
  LINK muster::host_answers_source muster::launcher_protocol muster::process_table muster::system_calls PkgConfig::LIBSECCOMP)

# The one privileged program, and all that it links beside libc: nothing that parses.
muster_library(launcher_program
  SOURCES launcher_program/child.cpp launcher_program/log.cpp launcher_program/request_reader.cpp
    launcher_program/server.cpp launcher_program/server_runs.cpp
  LINK muster::launcher_protocol muster::notify muster::sandbox)
muster_program(muster-launcher
  SOURCES launcher_program/main.cpp launcher_program/options.cpp
  LINK muster::launcher_program
  OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/libexec/muster)
target_include_directories(muster-launcher PRIVATE ${PROJECT_BINARY_DIR})
# It stays in memory: a C++ library of its own costs it less than the pages it would dirty in the
# shared one.
target_link_options(muster-launcher PRIVATE -static-libstdc++ -static-libgcc)

# What the host answers to fixed questions, for probes that may not ask themselves: the form of it, who
# reads that, who asks, and what is asked.
muster_library(answer_table SOURCES asking/answer_table.cpp)
muster_library(answer_table_reader
  SOURCES asking/answer_table_reader.cpp
  LINK muster::answer_table muster::values)
muster_library(asking
  SOURCES asking/order.cpp asking/tasks.cpp
  LINK muster::answer_table muster::system_calls)
muster_library(question_list SOURCES answers/question_list.cpp)

# The other privileged program: asks them. Like the launcher it links nothing that parses.
muster_library(ask
  SOURCES answers/ask.cpp answers/ask_command.cpp answers/ask_kernel.cpp answers/ask_socket.cpp
    answers/who_listens.cpp
  LINK muster::asking muster::question_list)
muster_program(muster-answers
  SOURCES answers/main.cpp
  LINK muster::ask
  OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/libexec/muster)
target_include_directories(muster-answers PRIVATE ${PROJECT_BINARY_DIR})
target_link_options(muster-answers PRIVATE -static-libstdc++ -static-libgcc)

# The same of devices, in a program of its own, since it takes other rights and starts nothing.
muster_library(ask_devices
  SOURCES device_answers/ask_adapter.cpp device_answers/ask_disk.cpp device_answers/ask_ipmi.cpp
    device_answers/ask_mapping.cpp device_answers/device_tasks.cpp
  LINK muster::asking)
muster_program(muster-device-answers
  SOURCES device_answers/main.cpp
  LINK muster::ask_devices
  OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/libexec/muster)
target_include_directories(muster-device-answers PRIVATE ${PROJECT_BINARY_DIR})
target_link_options(muster-device-answers PRIVATE -static-libstdc++ -static-libgcc)

muster_library(probe_launcher
  SOURCES launcher/input_fingerprint.cpp launcher/launcher.cpp launcher/launcher_end.cpp
    launcher/launcher_link.cpp launcher/launcher_run.cpp launcher/look_result.cpp
    launcher/probe_runner.cpp launcher/section_stream.cpp launcher/target_run.cpp sync/backoff.cpp
  LINK muster::launcher_protocol muster::base muster::openssl muster::messages)

# What waits for the collector.
muster_library(outbox
  SOURCES looking/section_version.cpp outbox/heartbeat_queue.cpp outbox/outbox.cpp
    outbox/outbox_cursor.cpp outbox/outbox_directory.cpp outbox/outbox_file.cpp
    outbox/outbox_index.cpp outbox/version_store.cpp sealed_bytes.cpp
  LINK muster::base muster::openssl muster::messages)

muster_library(agent_core
  SOURCES agent.cpp config/config.cpp config/targets_settings.cpp config/trusted_config.cpp identity/host_certificate.cpp
    identity/identity.cpp identity/renewal.cpp identity/renewal_rules.cpp
    identity/trust_bundle.cpp looking/looks.cpp looking/own_section.cpp looking/probe_requests.cpp
    output/status_file.cpp sync/report_plan.cpp sync/reporter.cpp
    targets/assignments.cpp targets/lease_clock.cpp targets/lease_file.cpp targets/look_allowance.cpp targets/probe_memory.cpp targets/target_batches.cpp
    targets/target_looks.cpp targets/target_schedule.cpp targets/target_work.cpp
  LINK muster::allowed_targets muster::outbox muster::probe_launcher muster::target_file muster::yaml)

# What systemd is told.
muster_library(agent_service
  SOURCES output/service_report.cpp
  LINK muster::base muster::messages muster::notify)

muster_library(sync_client
  SOURCES sync/grpc_event_engine.cpp sync/grpc_timers.cpp sync/sync_client.cpp sync/sync_hint.cpp
  LINK muster::agent_core muster::services)
# Whoever links it has gRPC's timers wait as sync/grpc_timers.h says.
target_link_options(muster_sync_client INTERFACE
  LINKER:--wrap=gpr_cv_wait LINKER:--undefined=__wrap_gpr_cv_wait)

muster_library(enrol
  SOURCES identity/enrol.cpp identity/https_post.cpp identity/pinned_chain.cpp
    identity/post_message.cpp identity/reenrol.cpp
  LINK muster::agent_core muster::host_look OpenSSL::SSL)

muster_library(probe_table
  SOURCES looking/probe_table.cpp looking/question_words.cpp
  LINK muster::launcher_protocol muster::messages muster::question_list muster::verdict_table)

muster_library(privileges
  SOURCES privileges.cpp
  LINK muster::base)

muster_library(agent_output
  SOURCES output/certificate_sentences.cpp output/certificate_table.cpp
    output/check.cpp output/check_memory.cpp output/check_memory_file.cpp
    output/check_memory_path.cpp output/check_notes.cpp output/domain_results.cpp
    output/patch_sentences.cpp output/product_notes.cpp output/protection_sentences.cpp output/section_json.cpp
    output/status.cpp
    output/target_check.cpp output/target_report.cpp output/unmet_subjects.cpp output/what_leaves.cpp
  LINK muster::agent_core muster::policy_file muster::exposition muster::privileges muster::verdict_table)

muster_program(muster-agent
  SOURCES command_line.cpp launcher/launcher_start.cpp main.cpp run.cpp
  LINK muster::privileges muster::sync_client muster::enrol muster::agent_output muster::agent_service
    muster::probe_table CLI11::CLI11)
