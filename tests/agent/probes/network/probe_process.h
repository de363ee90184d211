// Runs a network probe as the launcher does: its request on stdin, its batch on descriptor 99, and
// files that it inherits from 100 on.
#pragma once

#include <fcntl.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/delimited_message_util.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "agent/sandbox/inherited_files.h"
#include "common/descriptor.h"
#include "muster/v1/section.pb.h"

namespace muster::network_probe::test {

struct ProbeRun {
  std::string program;
  std::vector<std::string> arguments = {};
  std::string request = {};
  // Null: the descriptor is closed.
  const std::string* batch = nullptr;
  // Their contents, in their order.
  std::vector<std::string> inherited = {};
};

struct ProbeEnd {
  // The exit status; 128 + the signal if one ended it.
  int status = -1;
  std::string output;
  std::string errors;

  std::vector<v1::Section> sections() const {
    std::vector<v1::Section> all;
    google::protobuf::io::ArrayInputStream stream(output.data(), static_cast<int>(output.size()));
    for (bool at_end = false;;) {
      v1::Section section;
      if (!google::protobuf::util::ParseDelimitedFromZeroCopyStream(&section, &stream, &at_end)) {
        EXPECT_TRUE(at_end);
        return all;
      }
      all.push_back(section);
    }
  }
};

inline Descriptor file_of(const std::string& content) {
  Descriptor file(::memfd_create("test", MFD_CLOEXEC));
  ::fchmod(file.get(), 0600);
  EXPECT_EQ(::pwrite(file.get(), content.data(), content.size(), 0),
            static_cast<ssize_t>(content.size()));
  return file;
}

inline std::string content_of(const Descriptor& file) {
  std::string content(static_cast<size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
  EXPECT_EQ(::pread(file.get(), content.data(), content.size(), 0),
            static_cast<ssize_t>(content.size()));
  return content;
}

class ProbeProcess {
 public:
  explicit ProbeProcess(const ProbeRun& run)
      : output_(file_of("")), errors_(file_of("")), stdin_(file_of(run.request)) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    const auto give = [&actions](const Descriptor& file, int number) {
      ::posix_spawn_file_actions_adddup2(&actions, file.get(), number);
    };
    give(stdin_, STDIN_FILENO);
    give(output_, STDOUT_FILENO);
    give(errors_, STDERR_FILENO);
    if (run.batch != nullptr) give(files_.emplace_back(file_of(*run.batch)), 99);
    int number = agent::kFirstInherited;
    for (const std::string& content : run.inherited)
      give(files_.emplace_back(file_of(content)), number++);
    std::vector<std::string> arguments = run.arguments;
    arguments.insert(arguments.begin(), run.program);
    std::vector<char*> pointers;
    for (std::string& argument : arguments)
      pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    char* no_environment[] = {nullptr};
    EXPECT_EQ(::posix_spawn(&child_, run.program.c_str(), &actions, nullptr, pointers.data(),
                            static_cast<char**>(no_environment)),
              0)
        << run.program;
    ::posix_spawn_file_actions_destroy(&actions);
  }

  pid_t pid() const { return child_; }

  ProbeEnd wait() {
    int status = 0;
    EXPECT_EQ(::waitpid(child_, &status, 0), child_);
    return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            .output = content_of(output_),
            .errors = content_of(errors_)};
  }

 private:
  Descriptor output_;
  Descriptor errors_;
  Descriptor stdin_;
  std::vector<Descriptor> files_;
  pid_t child_ = -1;
};

inline ProbeEnd run_probe(const ProbeRun& run) {
  return ProbeProcess(run).wait();
}

}  // namespace muster::network_probe::test
