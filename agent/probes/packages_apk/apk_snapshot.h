// What the files of a system say of its packages, as plain values: between the reading (apk_look.h)
// and the decisions (apk_report.h). Values; any thread.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/probes/packages_apk/apk_database.h"
#include "agent/probes/packages_apk/apk_repositories.h"
#include "agent/probes/packages_apk/apk_world.h"

namespace muster::packages_apk {

// A configured repository whose index was read.
struct IndexedRepository {
  ApkRepository repository;
  std::string description;
  // Those that say something of what is installed: of a name that is, or a base layout.
  std::vector<ApkPackage> packages;
  // When its index was last fetched, or found to be unchanged. Absent: it cannot be told.
  std::optional<google::protobuf::Timestamp> updated_at;
  // The name of the key that its index is signed with, and whether it is among the system's.
  std::string key;
  bool has_key = false;
};

struct ApkSnapshot {
  std::vector<ApkPackage> installed;
  std::map<std::string, Wish> world;
  std::vector<IndexedRepository> repositories;
  // Whether every configured repository is among them, and there is one.
  bool is_complete = false;
  // "x86_64"; empty if it cannot be told. Packages for others are not for this system.
  std::string architecture;
  // Where a job that upgrades packages was found: "/etc/periodic/weekly/apk"; empty for none.
  std::string upgrade_job;
  // What could not be read; one sentence each.
  std::vector<std::string> problems;
};

}  // namespace muster::packages_apk
