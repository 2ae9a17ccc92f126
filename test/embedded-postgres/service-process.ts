/**
 * A stand-in for the service in a process of its own: opens the embedded database, prints how that went as one line of
 * JSON, and closes it when its standard input ends. Argument: the options as JSON.
 */
import { type EmbeddedDatabaseOptions, openEmbeddedDatabase } from '../../src/embedded-postgres/embedded-database.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as EmbeddedDatabaseOptions;
try {
  const database = await openEmbeddedDatabase(options);
  console.log(JSON.stringify({ connectionString: database.connectionString, adopted: database.adopted }));
  process.stdin.resume().on('end', () => database.close());
} catch (error) {
  console.log(JSON.stringify({ error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }));
}
