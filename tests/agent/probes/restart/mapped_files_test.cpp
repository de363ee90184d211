#include "agent/probes/restart/mapped_files.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "agent/sandbox/process_table.h"

namespace muster::restart {
namespace {

TEST(MappedFiles, AreReadAsTheKernelWritesThem) {
  const auto file = parse_mapping(
      "r-xp 00028000 fe:01 1835071                    "
      "/usr/lib/x86_64-linux-gnu/libc.so.6");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->device_major, 0xfeU);
  EXPECT_EQ(file->device_minor, 1U);
  EXPECT_EQ(file->inode, 1835071U);
  EXPECT_EQ(file->path, "/usr/lib/x86_64-linux-gnu/libc.so.6");
  EXPECT_FALSE(file->is_deleted);
}

TEST(MappedFiles, ThatAreGoneCarryTheKernelsMark) {
  struct Case {
    std::string_view written;
    std::string_view path;
  };
  constexpr Case kCases[] = {
      {"/usr/lib/libssl.so.3 (deleted)", "/usr/lib/libssl.so.3"},
      {"/opt/two words/a (b).so (deleted)", "/opt/two words/a (b).so"},
      {"/opt/line\\012break.so (deleted)", "/opt/line\nbreak.so"},
      {"/opt/back\\slash.so (deleted)", "/opt/back\\slash.so"},
      // What rpm calls a file while its transaction runs.
      {"/usr/lib64/libssl.so.3.0.7;65a1b2c3 (deleted)", "/usr/lib64/libssl.so.3.0.7"},
      {"/opt/a;65a1b2cz (deleted)", "/opt/a;65a1b2cz"},
      {"/opt/x (deleted) (deleted)", "/opt/x (deleted)"},
  };
  for (const Case& c : kCases) {
    const auto file = parse_mapping("r-xp 00000000 08:02 9 " + std::string(c.written));
    ASSERT_TRUE(file) << c.written;
    EXPECT_TRUE(file->is_deleted) << c.written;
    EXPECT_EQ(file->path, c.path);
  }
}

TEST(MappedFiles, AreNoOtherMappingsAndNoBrokenLines) {
  for (const std::string_view line : {
           "r--p 00000000 08:02 9 /usr/lib/libssl.so.3",
           "rw-s 00000000 08:02 9 /var/lib/a.db (deleted)",
           "r-xp 00000000 00:00 0 [vdso]",
           "r-xp 00000000 00:00 0 ",
           "r-xp 00000000 0802 9 /usr/bin/a",
           "r-xp 00000000 08:zz 9 /usr/bin/a",
           "r-xp 00000000 08:02 99999999999999999999999 /usr/bin/a",
           "r-xp 00000000 08:02 x/usr/bin/a",
           "r-xp",
           "",
           "          ",
       }) {
    EXPECT_FALSE(parse_mapping(line)) << line;
  }
}

std::string record(std::string_view path, uint32_t major = 8) {
  const agent::FileRecord header{.inode = 9,
                                 .device_major = major,
                                 .device_minor = 2,
                                 .path_size = static_cast<uint32_t>(path.size() + 1)};
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  return bytes.append(path).append(1, '\0');
}

TEST(MappedFiles, AreTakenOneByOneOffWhatLinuxAnswered) {
  const std::string all =
      record("/usr/bin/a") + record("/opt/line\nbreak.so;65a1b2c3 (deleted)", 0);
  std::string_view files = all;
  const auto first = take_file_record(files);
  ASSERT_TRUE(first);
  const auto file = mapped_file(*first);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->device_major, 8U);
  EXPECT_EQ(file->device_minor, 2U);
  EXPECT_EQ(file->inode, 9U);
  EXPECT_EQ(file->path, "/usr/bin/a");
  EXPECT_FALSE(file->is_deleted);
  const auto second = take_file_record(files);
  ASSERT_TRUE(second);
  EXPECT_EQ(mapped_file(*second)->path, "/opt/line\nbreak.so");
  EXPECT_TRUE(mapped_file(*second)->is_deleted);
  EXPECT_TRUE(files.empty());
  EXPECT_FALSE(take_file_record(files));
}

TEST(MappedFiles, AreWholeRecordsWithAPath) {
  const std::string whole = record("/usr/bin/a");
  for (size_t size = 0; size < whole.size(); ++size) {
    std::string_view files = std::string_view(whole).substr(0, size);
    EXPECT_FALSE(take_file_record(files)) << size;
  }
  // Memory that was given a name, and none.
  for (const std::string_view path : {"[anon_shmem:/usr/bin/a]", "anon_inode:x", ""})
    EXPECT_FALSE(mapped_file({.path = path})) << path;
}

TEST(MappedFiles, ThatProgramsMakeForThemselvesAreNoPrograms) {
  const auto is_none = [](std::string_view path) {
    return is_no_program({.device_major = 8, .path = std::string(path), .is_deleted = true});
  };
  for (const std::string_view path :
       {"/memfd:jit-cache", "/memfd:wayland-cursor", "/SYSV00000000", "/dev/zero", "/dev/shm/x",
        "/drm mm object", "/i915", "/[aio]", "/anon_hugepage", "/tmp/ffiXYZabc", "/tmp/x/y.so",
        "/var/tmp/orcexec.AbCdEf", "/run/user/1000/orcexec.AbCdEf", "/var/run/x",
        "/home/u/orcexec.AbCdEf", "/home/u/.cache/jna123456.tmp", "/home/u/#1234567",
        "/root/ffi9Zk2p1", "/proc/self/exe"}) {
    EXPECT_TRUE(is_none(path)) << path;
  }
  for (const std::string_view path : {"/usr/lib/libffi.so.8", "/usr/bin/ffind", "/usr/bin/nginx",
                                      "/opt/app/jna.jar", "/opt/app/#plugin.so", "/runtime/a.so",
                                      "/tmpfiles/a.so", "/home/u/bin/tool", "/srv/dev/a.so"}) {
    EXPECT_FALSE(is_none(path)) << path;
  }
}

}  // namespace
}  // namespace muster::restart
