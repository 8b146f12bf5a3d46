/* A static file server as a Wagi program: serves the files mounted at `/`.

   The path below the route names the file; a directory stands for its index.html.
   Answers 304 to a matching If-None-Match, 405 to methods other than GET and HEAD, and
   404 (with /404.html, where there is one) to what it does not find. CACHE_CONTROL in the
   component's environment replaces the default header.

   HEAD is answered like GET: the host counts the body for `content-length`, and drops it. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { PATH_SIZE = 1024, CHUNK_SIZE = 64 * 1024 };

static const char *variable(const char *name, const char *fallback) {
    const char *value = getenv(name);
    return value ? value : fallback;
}

/* ---- Paths ---------------------------------------------------------------------- */

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Decodes %XX in place of `text`; false for a malformed escape or an encoded NUL. */
static bool percent_decode(const char *text, char *decoded, size_t size) {
    size_t length = 0;
    for (; *text; text++) {
        int c = (unsigned char)*text;
        if (c == '%') {
            int high = hex_digit(text[1]), low = high < 0 ? -1 : hex_digit(text[2]);
            if (low < 0 || (c = high * 16 + low) == 0) return false;
            text += 2;
        }
        if (length + 1 >= size) return false;
        decoded[length++] = (char)c;
    }
    decoded[length] = 0;
    return true;
}

/* Whether every segment is a plain name: none empty (but the last), `.`, `..`, hidden or
   holding a backslash. Checked after decoding, so no spelling of `..` gets through. */
static bool is_plain(const char *path) {
    if (*path != '/' || strchr(path, '\\')) return false;
    for (; *path; path += 1 + strcspn(path + 1, "/")) {
        if (path[1] == '.' || path[1] == '/') return false;
    }
    return true;
}

static bool is_directory(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* ---- What describes a file ------------------------------------------------------ */

static const char *content_type(const char *path) {
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},  {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"}, {".mjs", "text/javascript; charset=utf-8"},
        {".txt", "text/plain; charset=utf-8"},  {".md", "text/markdown; charset=utf-8"},
        {".json", "application/json"},          {".webmanifest", "application/manifest+json"},
        {".xml", "application/xml"},            {".pdf", "application/pdf"},
        {".wasm", "application/wasm"},          {".zip", "application/zip"},
        {".svg", "image/svg+xml"},              {".png", "image/png"},
        {".jpg", "image/jpeg"},                 {".jpeg", "image/jpeg"},
        {".gif", "image/gif"},                  {".webp", "image/webp"},
        {".avif", "image/avif"},                {".ico", "image/x-icon"},
        {".woff", "font/woff"},                 {".woff2", "font/woff2"},
        {".ttf", "font/ttf"},                   {".mp3", "audio/mpeg"},
        {".mp4", "video/mp4"},                  {".webm", "video/webm"},
    };
    const char *extension = strrchr(path, '.');
    for (size_t i = 0; extension && i < sizeof types / sizeof *types; i++) {
        if (strcasecmp(extension, types[i][0]) == 0) return types[i][1];
    }
    return "application/octet-stream";
}

static char chunk[CHUNK_SIZE];

/* Writes the quoted FNV-1a hash of the content. Content and not time, because a host may
   serve a copy of the file. */
static void write_etag(FILE *file, char etag[19]) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;) {
        for (size_t i = 0; i < n; i++) hash = (hash ^ (unsigned char)chunk[i]) * 0x100000001b3u;
    }
    rewind(file);
    snprintf(etag, 19, "\"%016llx\"", (unsigned long long)hash);
}

/* Whether If-None-Match lists `etag` (weakly compared) or is `*`. */
static bool is_known(const char *etag) {
    const char *known = variable("HTTP_IF_NONE_MATCH", "");
    return strcmp(known, "*") == 0 || strstr(known, etag) != NULL;
}

/* ---- Responses ------------------------------------------------------------------ */

static void send_body(FILE *file) {
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;) fwrite(chunk, 1, n, stdout);
}

static void send_file(FILE *file, const char *path, const char *status) {
    char etag[19];
    write_etag(file, etag);
    bool not_modified = strcmp(status, "200") == 0 && is_known(etag);
    printf("Status: %s\nETag: %s\n", not_modified ? "304" : status, etag);
    printf("Cache-Control: %s\n", variable("CACHE_CONTROL", "max-age=60"));
    if (not_modified) {
        printf("\n");
        return;
    }
    printf("Content-Type: %s\nX-Content-Type-Options: nosniff\n\n", content_type(path));
    send_body(file);
}

static void send_text(const char *status, const char *header, const char *text) {
    printf("Status: %s\nContent-Type: text/plain; charset=utf-8\n%s\n%s\n", status, header, text);
}

static void send_not_found(void) {
    FILE *file = fopen("/404.html", "rb");
    if (file) send_file(file, "/404.html", "404");
    else send_text("404", "", "not found");
}

/* Adds the slash a directory's relative links need. */
static void send_redirect(const char *raw_path) {
    const char *route = variable("X_COMPONENT_ROUTE", "");
    printf("Status: 301\nLocation: %s%s/\n\n", route, raw_path);
}

int main(void) {
    const char *method = variable("REQUEST_METHOD", "GET");
    const char *raw_path = variable("PATH_INFO", "");
    char path[PATH_SIZE + sizeof "index.html"];
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        send_text("405", "Allow: GET, HEAD\n", "only GET and HEAD are served here");
    } else if (*raw_path == 0) {
        send_redirect("");
    } else if (!percent_decode(raw_path, path, PATH_SIZE) || !is_plain(path)) {
        send_not_found();
    } else if (path[strlen(path) - 1] != '/' && is_directory(path)) {
        send_redirect(raw_path);
    } else {
        if (path[strlen(path) - 1] == '/') strcat(path, "index.html");
        FILE *file = fopen(path, "rb");
        if (file) send_file(file, path, "200");
        else send_not_found();
    }
    return 0;
}
