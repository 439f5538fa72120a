# The one compiler that we ship with, its options, and the sanitizers that a preset may ask for.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

option(BILLING_SANITIZE "Sanitizers for every target, e.g. address,undefined" "")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Werror
                    -fno-omit-frame-pointer)
add_link_options(-fuse-ld=lld-19)
if(BILLING_SANITIZE)
  # object-size: the address sanitizer finds the same as it runs, and it alone is a quarter of the time to compile.
  add_compile_options(-fsanitize=${BILLING_SANITIZE} -fno-sanitize=object-size -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BILLING_SANITIZE})
endif()

find_package(Threads REQUIRED)
