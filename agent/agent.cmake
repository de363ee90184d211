# The agent in layers: what starts probes, what keeps and decides, what speaks gRPC. Only the program
# itself has an argument parser.
muster_library(probe_launcher
  SOURCES child_process.cpp input_fingerprint.cpp launcher.cpp look_result.cpp probe_list.cpp
    probe_runner.cpp section_stream.cpp
  LINK muster::base muster::openssl muster::messages)

muster_library(agent_core
  SOURCES address.cpp backoff.cpp outbox.cpp outbox_directory.cpp outbox_file.cpp
  LINK muster::probe_launcher)
