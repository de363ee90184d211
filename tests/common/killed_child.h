// Runs work in a child process that a failpoint kills, and tells how far it came. The caller has
// one thread.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>

#include "common/failpoint.h"

namespace muster::test {

struct ChildEnd {
  // Whether it was killed; else it came to the end of its work.
  bool killed = false;
  // How many steps it had promised by then.
  size_t steps = 0;
};

// `work` is given a function to call when a step is promised: what it tells is known here even if
// the child is killed right after. It says whether all went well.
inline ChildEnd run_until_killed(const std::string& rules,
                                 const std::function<bool(const std::function<void()>&)>& work) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    if (!failpoint::set_rules(rules).ok()) ::_exit(2);
    const bool good = work([&ends] {
      if (::write(ends[1], "+", 1) != 1) ::_exit(3);
    });
    ::_exit(good ? 0 : 1);
  }
  ::close(ends[1]);
  ChildEnd end;
  char byte = 0;
  while (::read(ends[0], &byte, 1) == 1)
    ++end.steps;
  ::close(ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  end.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  EXPECT_TRUE(end.killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) << rules;
  return end;
}

}  // namespace muster::test
