# Makes a .cpp that defines one function returning the text of a file. Run as a script:
#   cmake -D INPUT=a.yml -D OUTPUT=a.cpp -D FUNCTION=ns::name -D HEADER=path.h -P EmbedText.cmake
file(READ "${INPUT}" text)
# 65,536 bytes is what every compiler takes in one literal.
string(LENGTH "${text}" length)
if(length GREATER 65000)
  message(FATAL_ERROR "${INPUT} is too long to be embedded")
endif()
file(WRITE "${OUTPUT}" "#include \"${HEADER}\"

std::string_view ${FUNCTION}() {
  return R\"embedded(${text})embedded\";
}
")
