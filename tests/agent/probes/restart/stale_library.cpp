// What stale_program loads, and the test replaces under it.
extern "C" int stale_library_answer() {
  return 42;
}
