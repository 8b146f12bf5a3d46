/* A Wagi application: a plain program that reads its request from the environment
   and standard input, as CGI programs do, and prints its response. */

#include <stdio.h>
#include <stdlib.h>

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

int main(int argc, char **argv) {
    printf("content-type: text/plain\n\n");
    printf("Hello from %s\n", variable("SERVER_SOFTWARE"));
    printf("%s %s?%s\n", variable("REQUEST_METHOD"), variable("PATH_INFO"), variable("QUERY_STRING"));
    for (int i = 1; i < argc; i++) printf("argument: %s\n", argv[i]);
    for (int c; (c = getchar()) != EOF;) putchar(c);
    return 0;
}
