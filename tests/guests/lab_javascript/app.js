/**
 * A guest that runs the code it is asked to: a request's body.
 *
 * The code is the body of an async function. It has at hand `imported`, every interface by its
 * WIT name (`imported["fermyon:spin/key-value@2.0.0"]`), `fetch` and what else the engine has,
 * `request`, and `kept`, an object that lives as long as the instance. What it returns is answered
 * as JSON: bytes as `{"bytes": base64}`, a bigint as a number, a resource as `{"object": its class}`.
 */

import * as fermyon_spin_config from "fermyon:spin/config";
import * as fermyon_spin_http from "fermyon:spin/http";
import * as fermyon_spin_key_value from "fermyon:spin/key-value";
import * as fermyon_spin_llm from "fermyon:spin/llm";
import * as fermyon_spin_mysql from "fermyon:spin/mysql";
import * as fermyon_spin_postgres from "fermyon:spin/postgres";
import * as fermyon_spin_redis from "fermyon:spin/redis";
import * as fermyon_spin_sqlite from "fermyon:spin/sqlite";
import * as fermyon_spin_key_value_2_0_0 from "fermyon:spin/key-value@2.0.0";
import * as fermyon_spin_llm_2_0_0 from "fermyon:spin/llm@2.0.0";
import * as fermyon_spin_mqtt_2_0_0 from "fermyon:spin/mqtt@2.0.0";
import * as fermyon_spin_mysql_2_0_0 from "fermyon:spin/mysql@2.0.0";
import * as fermyon_spin_postgres_2_0_0 from "fermyon:spin/postgres@2.0.0";
import * as fermyon_spin_redis_2_0_0 from "fermyon:spin/redis@2.0.0";
import * as fermyon_spin_sqlite_2_0_0 from "fermyon:spin/sqlite@2.0.0";
import * as fermyon_spin_variables_2_0_0 from "fermyon:spin/variables@2.0.0";
import * as spin_postgres_postgres_3_0_0 from "spin:postgres/postgres@3.0.0";
import * as spin_postgres_postgres_4_0_0 from "spin:postgres/postgres@4.0.0";
import * as spin_postgres_postgres_4_1_0 from "spin:postgres/postgres@4.1.0";
import * as spin_postgres_postgres_4_2_0 from "spin:postgres/postgres@4.2.0";
import * as spin_sqlite_sqlite_3_0_0 from "spin:sqlite/sqlite@3.0.0";
import * as spin_sqlite_sqlite_3_1_0 from "spin:sqlite/sqlite@3.1.0";
import * as wasi_cli_environment_0_2_3 from "wasi:cli/environment@0.2.3";
import * as wasi_config_store_0_2_0_draft_2024_09_27 from "wasi:config/store@0.2.0-draft-2024-09-27";
import * as wasi_keyvalue_atomics_0_2_0_draft2 from "wasi:keyvalue/atomics@0.2.0-draft2";
import * as wasi_keyvalue_batch_0_2_0_draft2 from "wasi:keyvalue/batch@0.2.0-draft2";
import * as wasi_keyvalue_store_0_2_0_draft2 from "wasi:keyvalue/store@0.2.0-draft2";
import * as wasi_otel_logs_0_2_0_rc_2 from "wasi:otel/logs@0.2.0-rc.2";
import * as wasi_otel_metrics_0_2_0_rc_2 from "wasi:otel/metrics@0.2.0-rc.2";
import * as wasi_otel_tracing_0_2_0_rc_2 from "wasi:otel/tracing@0.2.0-rc.2";
import * as wasi_filesystem_preopens_0_2_3 from "wasi:filesystem/preopens@0.2.3";
import * as wasi_filesystem_types_0_2_3 from "wasi:filesystem/types@0.2.3";
import * as wasi_sockets_instance_network_0_2_3 from "wasi:sockets/instance-network@0.2.3";
import * as wasi_sockets_ip_name_lookup_0_2_3 from "wasi:sockets/ip-name-lookup@0.2.3";
import * as wasi_sockets_tcp_create_socket_0_2_3 from "wasi:sockets/tcp-create-socket@0.2.3";
import * as wasi_sockets_tcp_0_2_3 from "wasi:sockets/tcp@0.2.3";
import * as wasi_sockets_udp_create_socket_0_2_3 from "wasi:sockets/udp-create-socket@0.2.3";
import * as wasi_sockets_udp_0_2_3 from "wasi:sockets/udp@0.2.3";
import * as wasi_io_poll_0_2_3 from "wasi:io/poll@0.2.3";
import * as wasi_io_streams_0_2_3 from "wasi:io/streams@0.2.3";

const imported = {
  "fermyon:spin/config": fermyon_spin_config,
  "fermyon:spin/http": fermyon_spin_http,
  "fermyon:spin/key-value": fermyon_spin_key_value,
  "fermyon:spin/llm": fermyon_spin_llm,
  "fermyon:spin/mysql": fermyon_spin_mysql,
  "fermyon:spin/postgres": fermyon_spin_postgres,
  "fermyon:spin/redis": fermyon_spin_redis,
  "fermyon:spin/sqlite": fermyon_spin_sqlite,
  "fermyon:spin/key-value@2.0.0": fermyon_spin_key_value_2_0_0,
  "fermyon:spin/llm@2.0.0": fermyon_spin_llm_2_0_0,
  "fermyon:spin/mqtt@2.0.0": fermyon_spin_mqtt_2_0_0,
  "fermyon:spin/mysql@2.0.0": fermyon_spin_mysql_2_0_0,
  "fermyon:spin/postgres@2.0.0": fermyon_spin_postgres_2_0_0,
  "fermyon:spin/redis@2.0.0": fermyon_spin_redis_2_0_0,
  "fermyon:spin/sqlite@2.0.0": fermyon_spin_sqlite_2_0_0,
  "fermyon:spin/variables@2.0.0": fermyon_spin_variables_2_0_0,
  "spin:postgres/postgres@3.0.0": spin_postgres_postgres_3_0_0,
  "spin:postgres/postgres@4.0.0": spin_postgres_postgres_4_0_0,
  "spin:postgres/postgres@4.1.0": spin_postgres_postgres_4_1_0,
  "spin:postgres/postgres@4.2.0": spin_postgres_postgres_4_2_0,
  "spin:sqlite/sqlite@3.0.0": spin_sqlite_sqlite_3_0_0,
  "spin:sqlite/sqlite@3.1.0": spin_sqlite_sqlite_3_1_0,
  "wasi:cli/environment@0.2.3": wasi_cli_environment_0_2_3,
  "wasi:config/store@0.2.0-draft-2024-09-27": wasi_config_store_0_2_0_draft_2024_09_27,
  "wasi:keyvalue/atomics@0.2.0-draft2": wasi_keyvalue_atomics_0_2_0_draft2,
  "wasi:keyvalue/batch@0.2.0-draft2": wasi_keyvalue_batch_0_2_0_draft2,
  "wasi:keyvalue/store@0.2.0-draft2": wasi_keyvalue_store_0_2_0_draft2,
  "wasi:otel/logs@0.2.0-rc.2": wasi_otel_logs_0_2_0_rc_2,
  "wasi:otel/metrics@0.2.0-rc.2": wasi_otel_metrics_0_2_0_rc_2,
  "wasi:otel/tracing@0.2.0-rc.2": wasi_otel_tracing_0_2_0_rc_2,
  "wasi:filesystem/preopens@0.2.3": wasi_filesystem_preopens_0_2_3,
  "wasi:filesystem/types@0.2.3": wasi_filesystem_types_0_2_3,
  "wasi:sockets/instance-network@0.2.3": wasi_sockets_instance_network_0_2_3,
  "wasi:sockets/ip-name-lookup@0.2.3": wasi_sockets_ip_name_lookup_0_2_3,
  "wasi:sockets/tcp-create-socket@0.2.3": wasi_sockets_tcp_create_socket_0_2_3,
  "wasi:sockets/tcp@0.2.3": wasi_sockets_tcp_0_2_3,
  "wasi:sockets/udp-create-socket@0.2.3": wasi_sockets_udp_create_socket_0_2_3,
  "wasi:sockets/udp@0.2.3": wasi_sockets_udp_0_2_3,
  "wasi:io/poll@0.2.3": wasi_io_poll_0_2_3,
  "wasi:io/streams@0.2.3": wasi_io_streams_0_2_3,
};

const kept = {};
const AsyncFunction = (async () => {}).constructor;

// Values from the host are of another realm: `instanceof` does not know them.
const classOf = (value) => Object.prototype.toString.call(value).slice(8, -1);

function rendered(value) {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  const kind = classOf(value);
  if (kind === "ArrayBuffer") return rendered(new Uint8Array(value));
  if (kind === "Uint8Array") return { bytes: base64(value) };
  if (kind === "Array" || ArrayBuffer.isView(value)) return Array.from(value, rendered);
  const name = value.constructor?.name ?? "Object";
  if (name !== "Object") return { object: name };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rendered(item)]));
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return btoa(text);
}

async function answer(request) {
  try {
    const code = new AsyncFunction("imported", "request", "kept", await request.text());
    const value = await code(imported, request, kept);
    return Response.json(rendered(value === undefined ? null : value));
  } catch (error) {
    const failure = {
      type: error?.constructor?.name ?? typeof error,
      message: String(error?.message ?? error),
      value: rendered(error?.payload ?? (error instanceof Error ? null : error)),
      trace: String(error?.stack ?? ""),
    };
    return Response.json(failure, { status: 500 });
  }
}

addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
