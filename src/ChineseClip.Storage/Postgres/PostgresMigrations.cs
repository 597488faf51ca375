using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChineseClip.Storage.Postgres;

// Versions are steps, applied in order, each once, all in one transaction under an advisory lock, so that any number of processes may start at
// the same time. A step that has been released is never edited; a change is a further step.

/// <summary>Brings the tables to the version this program works with. See the note above this type.</summary>
internal static class PostgresMigrations
{
    /// <summary>{0} is the schema.</summary>
    private static readonly string[] Steps =
    [
        """
        -- The lease and the ends of each log. A deleted shard keeps its row until its records are gone.
        CREATE TABLE {0}.shard (
            shard_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            shard_key text COLLATE "C" NOT NULL,
            epoch bigint NOT NULL,
            first_lsn bigint NOT NULL,
            last_lsn bigint NOT NULL,
            deleted boolean NOT NULL DEFAULT false
        ) WITH (fillfactor = 50);
        CREATE UNIQUE INDEX shard_key_unique ON {0}.shard (shard_key) WHERE NOT deleted;

        -- The epoch belongs to the key, so that what a stale holder had begun to copy never stands in the way of its successor.
        CREATE TABLE {0}.log_record (
            shard_id bigint NOT NULL,
            lsn bigint NOT NULL,
            epoch bigint NOT NULL,
            checksum bigint NOT NULL,
            body bytea NOT NULL,
            PRIMARY KEY (shard_id, lsn, epoch)
        ) WITH (autovacuum_vacuum_scale_factor = 0.05);
        ALTER TABLE {0}.log_record ALTER COLUMN body SET STORAGE EXTERNAL;

        CREATE FUNCTION {0}.advance_log(held_shard bigint, held_epoch bigint, from_lsn bigint, to_lsn bigint) RETURNS void
        LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE {0}.shard SET last_lsn = to_lsn
            WHERE shard_id = held_shard AND epoch = held_epoch AND last_lsn = from_lsn AND NOT deleted;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'Epoch % of shard % is not the newest.', held_epoch, held_shard USING ERRCODE = 'CC001';
            END IF;
        END $$;

        CREATE SEQUENCE {0}.document_version;
        CREATE TABLE {0}.document (
            name text COLLATE "C" PRIMARY KEY,
            version bigint NOT NULL,
            checksum bigint NOT NULL,
            content bytea NOT NULL
        );

        -- A snapshot that is not published yet already holds on to its chunks.
        CREATE TABLE {0}.snapshot (
            shard_id bigint NOT NULL,
            snapshot_id text COLLATE "C" NOT NULL,
            epoch bigint NOT NULL,
            published boolean NOT NULL,
            checksum bigint NOT NULL,
            manifest bytea NOT NULL,
            PRIMARY KEY (shard_id, snapshot_id)
        );
        CREATE TABLE {0}.snapshot_part (
            shard_id bigint NOT NULL,
            snapshot_id text COLLATE "C" NOT NULL,
            file integer NOT NULL,
            part integer NOT NULL,
            hash bytea NOT NULL,
            PRIMARY KEY (shard_id, snapshot_id, file, part)
        );
        CREATE INDEX snapshot_part_hash ON {0}.snapshot_part (shard_id, hash);
        CREATE TABLE {0}.chunk (
            shard_id bigint NOT NULL,
            hash bytea NOT NULL,
            content bytea NOT NULL,
            PRIMARY KEY (shard_id, hash)
        );
        ALTER TABLE {0}.chunk ALTER COLUMN content SET STORAGE EXTERNAL;
        """,
    ];

    private static readonly CompositeFormat CreateVersions = CompositeFormat.Parse(
        "CREATE TABLE IF NOT EXISTS {0}.schema_version (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");

    /// <summary>The version this program works with.</summary>
    public static int Version => Steps.Length;

    /// <exception cref="StorageException">Incompatible when a newer version of the program made the tables.</exception>
    public static async Task ApplyAsync(NpgsqlDataSource source, string schema, ILogger logger, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await RunAsync("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", $"chineseclip schema {schema}").ConfigureAwait(false);
        if (await RunAsync("SELECT to_regnamespace($1)::text", schema).ConfigureAwait(false) is not string)
        {
            await RunAsync($"CREATE SCHEMA {schema}").ConfigureAwait(false);
        }

        await RunAsync(string.Format(CultureInfo.InvariantCulture, CreateVersions, schema)).ConfigureAwait(false);
        int found = await RunAsync($"SELECT coalesce(max(version), 0) FROM {schema}.schema_version").ConfigureAwait(false) is int version ? version : 0;
        if (found > Version)
        {
            throw new StorageException(
                StorageError.Incompatible,
                $"The schema '{schema}' has version {found}; this program knows versions up to {Version}. Run the newer program, or choose another schema.");
        }

        for (int step = found; step < Version; step++)
        {
            await RunAsync(Steps[step].Replace("{0}", schema, StringComparison.Ordinal)).ConfigureAwait(false);
            await RunAsync($"INSERT INTO {schema}.schema_version (version) VALUES ({step + 1})").ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        if (found < Version)
        {
            logger.SchemaMigrated(schema, Version);
        }

        async Task<object?> RunAsync(string sql, params object[] parameters)
        {
            await using NpgsqlCommand command = new(sql, connection, transaction);
            foreach (object parameter in parameters)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = parameter });
            }

            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
