/** The files that carbon and graphite-web of Debian's packages run from, in a folder of their own. */
import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_DIR } from "../layout.ts";

export interface GraphitePorts {
  /** graphite-web, HTTP. */
  readonly web: number;
  /** carbon: plaintext, pickle, and the port that graphite-web asks for what is not on disk yet. */
  readonly line: number;
  readonly pickle: number;
  readonly query: number;
}

export interface GraphiteFolders {
  readonly root: string;
  readonly conf: string;
  readonly storage: string;
  readonly whisper: string;
  readonly log: string;
  readonly run: string;
  readonly database: string;
}

/** Where everything is below a folder. */
export function graphiteFolders(root: string): GraphiteFolders {
  const storage = join(root, "storage");
  return {
    root,
    conf: join(root, "conf"),
    storage,
    whisper: join(storage, "whisper"),
    log: join(root, "log"),
    run: join(root, "run"),
    database: join(storage, "graphite.db"),
  };
}

/**
 * Writes all settings; data of an earlier run stays.
 * @param updatesPerSecond series that carbon writes to the disk in a second; without it as many as it can
 */
export function writeGraphiteFiles(
  folders: GraphiteFolders,
  ports: GraphitePorts,
  updatesPerSecond?: number,
): void {
  for (const folder of Object.values(folders)) {
    if (folder !== folders.database) mkdirSync(folder, { recursive: true });
  }
  for (const name of ["storage-schemas.conf", "storage-aggregation.conf"]) {
    copyFileSync(join(PROJECT_DIR, "grafana/graphite", name), join(folders.conf, name));
  }
  const conf = carbonConf(folders, ports, String(updatesPerSecond ?? "inf"));
  writeFileSync(join(folders.conf, "carbon.conf"), conf);
  writeFileSync(join(folders.conf, "local_settings.py"), webSettings(folders, ports));
  writeFileSync(join(folders.conf, "sitecustomize.py"), PYTHON_311);
  const index = join(folders.storage, "index");
  if (!existsSync(index)) writeFileSync(index, "");
}

/** Debian's own limits would lose most series of the first minute: no limits here. */
function carbonConf(
  folders: GraphiteFolders,
  ports: GraphitePorts,
  updatesPerSecond: string,
): string {
  return `[cache]
USER =
STORAGE_DIR = ${folders.storage}
LOCAL_DATA_DIR = ${folders.whisper}
CONF_DIR = ${folders.conf}
LOG_DIR = ${folders.log}
PID_DIR = ${folders.run}
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = ${ports.line}
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = ${ports.pickle}
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = ${ports.query}
MAX_CACHE_SIZE = 10000000
MAX_UPDATES_PER_SECOND = ${updatesPerSecond}
MAX_CREATES_PER_MINUTE = inf
WHISPER_SPARSE_CREATE = True
ENABLE_TAGS = False
CARBON_METRIC_INTERVAL = 0
LOG_UPDATES = False
LOG_CREATES = False
LOG_CACHE_HITS = False
LOG_LISTENER_CONN_SUCCESS = False
`;
}

/** No caches: a dashboard that looks every second is to see what has come within it. */
function webSettings(folders: GraphiteFolders, ports: GraphitePorts): string {
  return `SECRET_KEY = '${randomBytes(24).toString("hex")}'
ALLOWED_HOSTS = ['*']
TIME_ZONE = 'UTC'
LOG_DIR = '${folders.log}'
CONF_DIR = '${folders.conf}'
STORAGE_DIR = '${folders.storage}'
INDEX_FILE = '${join(folders.storage, "index")}'
WHISPER_DIR = '${folders.whisper}'
STANDARD_DIRS = ['${folders.whisper}']
CARBONLINK_HOSTS = ['127.0.0.1:${ports.query}']
DEFAULT_CACHE_DURATION = 0
FIND_CACHE_DURATION = 0
DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': '${folders.database}'}}
`;
}

/** graphite-web 1.1.8 lists its functions with two helpers that Python 3.11 no longer has. */
const PYTHON_311 = `import inspect
from collections import namedtuple

if not hasattr(inspect, 'getargspec'):
    ArgSpec = namedtuple('ArgSpec', 'args varargs keywords defaults')

    def getargspec(function):
        full = inspect.getfullargspec(function)
        return ArgSpec(full.args, full.varargs, full.varkw, full.defaults)

    inspect.getargspec = getargspec
if not hasattr(inspect, 'formatargspec'):
    inspect.formatargspec = lambda *spec: '(' + ', '.join(spec[0]) + ')'
`;
