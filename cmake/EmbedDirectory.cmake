# Makes a .cpp that defines one function returning a table of files: the name of each without its
# extension, and its text. Run as a script:
#   cmake -D INPUT=directory -D PATTERN=*.md -D OUTPUT=a.cpp -D FUNCTION=ns::name -D ROW=ns::Row
#     -D HEADER=path.h -P EmbedDirectory.cmake
# A Row is two std::string_view; the rows are sorted by name.
file(GLOB inputs "${INPUT}/${PATTERN}")
if(NOT inputs)
  message(FATAL_ERROR "${INPUT} has no ${PATTERN}")
endif()
list(SORT inputs)
set(rows)
foreach(input IN LISTS inputs)
  get_filename_component(name "${input}" NAME_WE)
  file(READ "${input}" text)
  # 65,536 bytes is what every compiler takes in one literal.
  string(LENGTH "${text}" length)
  if(length GREATER 65000)
    message(FATAL_ERROR "${input} is too long to be embedded")
  endif()
  string(APPEND rows "    {\"${name}\", R\"embedded(${text})embedded\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"${HEADER}\"

std::span<const ${ROW}> ${FUNCTION}() {
  static constexpr ${ROW} kRows[] = {
${rows}  };
  return kRows;
}
")
