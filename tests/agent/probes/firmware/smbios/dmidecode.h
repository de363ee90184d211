// What Debian's dmidecode tells of a dump, structure by structure.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "common/files.h"
#include "common/text.h"
#include "tests/common/temporary_directory.h"

namespace muster::test {

// One structure: its type, and what is written about it ("Serial Number" to "ABC1234").
struct DecodedStructure {
  int type = 0;
  std::map<std::string, std::string> fields;
};

inline std::string dmidecode_output(const std::string& dump) {
  const TemporaryDirectory directory;
  const std::string file = directory.file("dump");
  EXPECT_TRUE(write_file_atomically(file, dump, 0600).ok());
  // Some users have no sbin in their PATH.
  const std::string command = "PATH=$PATH:/usr/sbin dmidecode --from-dump " + file + " 2>&1";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"),
                                                             ::pclose);
  std::string output;
  std::array<char, 4096> buffer = {};
  while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe.get()))
    output.append(buffer.data(), count);
  return output;
}

inline std::vector<DecodedStructure> structures_of(const std::string& output) {
  EXPECT_NE(output.find("SMBIOS"), std::string::npos) << output;
  std::vector<DecodedStructure> structures;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Handle ")) {
      int type = 0;
      EXPECT_EQ(std::sscanf(line.c_str(), "Handle 0x%*x, DMI type %d", &type), 1) << line;
      structures.push_back({.type = type, .fields = {}});
    }
    const size_t colon = line.find(": ");
    // Lists are a step further in.
    if (structures.empty() || !line.starts_with("\t") || line.starts_with("\t\t") ||
        colon == std::string::npos) {
      continue;
    }
    const std::string_view value = trim(std::string_view(line).substr(colon + 2));
    // Strings of blanks are none.
    structures.back().fields.emplace(line.substr(1, colon - 1),
                                     value.empty() ? "Not Specified" : value);
  }
  return structures;
}

}  // namespace muster::test
