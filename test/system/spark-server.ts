import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { killGroup, signalGroup } from './process-group.ts';

const run = promisify(execFile);

export const SPARK_VERSION = '4.2.0';
/** Delta for that Spark; the newest of its jars that can be had. */
export const DELTA_VERSION = '4.4.0';
const JARS = [`delta-spark_4.2_2.13:${DELTA_VERSION}`, `delta-storage:${DELTA_VERSION}`];

interface Installed {
  readonly home: string;
  readonly submit: string;
  readonly jars: readonly string[];
}

/** Spark with Delta, installed once into a cache outside the checkout: half a gigabyte from the package indexes. Needs python3, java, mvn. */
async function installSpark(): Promise<Installed> {
  const cache = process.env['DRIFTWARDEN_CACHE'] ?? join(homedir(), '.cache', 'driftwarden');
  const folder = join(cache, `spark-${SPARK_VERSION}-delta-${DELTA_VERSION}`);
  // The marker is made last, so that an installation that was cut short is made anew.
  const marker = join(folder, 'complete');
  const venv = join(folder, 'venv');
  if (!existsSync(marker)) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await run('python3', ['-m', 'venv', venv]);
    const pip = [
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      `pyspark==${SPARK_VERSION}`,
    ];
    await run(join(venv, 'bin', 'pip'), pip, { timeout: 800_000 });
    for (const jar of JARS) {
      const options = [`-Dartifact=io.delta:${jar}`, `-DoutputDirectory=${join(folder, 'jars')}`];
      await run('mvn', ['-B', '-q', 'dependency:copy', ...options], { timeout: 300_000 });
    }
    await mkdir(marker);
  }
  const [python] = (await readdir(join(venv, 'lib'))).filter((name) => name.startsWith('python'));
  const home = join(venv, 'lib', python ?? 'python3', 'site-packages', 'pyspark');
  const jars = JARS.map((jar) => join(folder, 'jars', `${jar.replace(':', '-')}.jar`));
  return { home, submit: join(venv, 'bin', 'spark-submit'), jars };
}

/** The Thrift server of Spark, over HTTP, with Delta tables in a folder of its own that goes with it. */
export class SparkServer {
  readonly port: number;
  private child: ChildProcess | null = null;
  private readonly installed: Installed;
  private readonly folder: string;

  private constructor(installed: Installed, port: number, folder: string) {
    this.installed = installed;
    this.port = port;
    this.folder = folder;
  }

  static async start(): Promise<SparkServer> {
    const installed = await installSpark();
    const server = new SparkServer(
      installed,
      await freePort(),
      await mkdtemp(join(tmpdir(), 'driftwarden-spark-')),
    );
    await server.start();
    return server;
  }

  /** Also after `kill`. The catalog lives in the process: tables have to be made again. */
  async start(): Promise<void> {
    const { home, submit } = this.installed;
    const child = spawn(submit, this.arguments(), {
      cwd: this.folder,
      stdio: 'ignore',
      // The command starts the server as a child: both must be reached by one signal to their group.
      detached: true,
      env: {
        ...process.env,
        SPARK_HOME: home,
        SPARK_LOCAL_IP: '127.0.0.1',
        SPARK_LOCAL_DIRS: join(this.folder, 'local'),
      },
    });
    this.child = child;
    for (let attempt = 0; attempt < 1200; attempt += 1) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/cliservice`).catch(() => null);
      if (answer?.status === 401) return;
      if (child.exitCode !== null) throw new Error(`the Spark server ended with code ${child.exitCode}`);
      await wait(100);
    }
    throw new Error('the Spark server was not ready within two minutes');
  }

  signal(name: NodeJS.Signals): void {
    signalGroup(this.child, name);
  }

  async kill(): Promise<void> {
    if (this.child === null) return;
    await killGroup(this.child);
    this.child = null;
  }

  async destroy(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  private arguments(): string[] {
    const { folder, port } = this;
    const confs = [
      'spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension',
      'spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog',
      // Else the first look at a table of three rows takes half a minute: fifty tasks for its log.
      'spark.databricks.delta.snapshotPartitions=1',
      'spark.ui.enabled=false',
      'spark.driver.host=127.0.0.1',
      'spark.driver.bindAddress=127.0.0.1',
      'spark.sql.shuffle.partitions=2',
      `spark.sql.warehouse.dir=${join(folder, 'tables')}`,
      'spark.sql.session.timeZone=UTC',
      'spark.hadoop.javax.jdo.option.ConnectionURL=jdbc:derby:memory:metastore;create=true',
      'spark.hadoop.datanucleus.schema.autoCreateAll=true',
      'spark.hadoop.hive.metastore.schema.verification=false',
    ];
    const hiveConfs = [
      'hive.server2.transport.mode=http',
      'hive.server2.thrift.bind.host=127.0.0.1',
      `hive.server2.thrift.http.port=${port}`,
      'hive.server2.thrift.http.path=cliservice',
      `hive.exec.scratchdir=${join(folder, 'scratch')}`,
    ];
    return [
      ...['--master', 'local[2]', '--driver-memory', '2g', '--name', 'driftwarden-tests'],
      ...['--class', 'org.apache.spark.sql.hive.thriftserver.HiveThriftServer2'],
      // Not --jars: a session that opens with a schema is opened by a loader that does not see those.
      ...['--driver-class-path', this.installed.jars.join(':')],
      ...confs.flatMap((conf) => ['--conf', conf]),
      'spark-internal',
      ...hiveConfs.flatMap((conf) => ['--hiveconf', conf]),
    ];
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
