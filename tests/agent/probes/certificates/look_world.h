// A root to look at with the certificates probe, and the facts of a look.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "agent/probes/certificates/certificate_look.h"
#include "tests/agent/probes/test_root.h"

namespace muster::test {

struct LookSettings {
  std::vector<std::string> paths = {};
  std::vector<std::string> password_files = {};
  bool default_paths = true;
};

inline v1::CertificateFacts certificate_facts(const std::string& root,
                                              const LookSettings& settings = {},
                                              const SearchLimits& limits = {}) {
  v1::ProbeRequest request;
  request.set_root(root);
  const std::vector<std::string> usual = {settings.default_paths ? "true" : "false"};
  for (const auto& [name, values] :
       {std::pair{"paths", settings.paths}, std::pair{"password_files", settings.password_files},
        std::pair{"default_paths", usual}}) {
    v1::ProbeSetting& setting = *request.add_settings();
    setting.set_name(name);
    setting.mutable_values()->Assign(values.begin(), values.end());
  }
  const v1::Section section = look_at_certificates(request, limits);
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  v1::CertificateFacts facts;
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}

// The entry of a path; a failure and an empty one where there is none.
inline v1::CertificateFile file_at(const v1::CertificateFacts& facts, const std::string& path) {
  for (const v1::CertificateFile& file : facts.files()) {
    if (file.path() == path) return file;
  }
  ADD_FAILURE() << "no file " << path << " in " << facts.ShortDebugString();
  return {};
}

inline v1::KeyFile key_at(const v1::CertificateFacts& facts, const std::string& path) {
  for (const v1::KeyFile& key : facts.keys()) {
    if (key.path() == path) return key;
  }
  ADD_FAILURE() << "no key " << path << " in " << facts.ShortDebugString();
  return {};
}

}  // namespace muster::test
