using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ChineseClip.Storage.Postgres;

/// <summary>The pool of connections, and what every part of the storage needs to make a statement.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed partial class PostgresDatabase : IAsyncDisposable
{
    /// <summary>A transaction whose client fell silent is ended by the server after this time, so that it does not keep its locks.</summary>
    private static readonly TimeSpan SilentTransactionTimeout = TimeSpan.FromSeconds(5);

    private PostgresDatabase(PostgresStorageOptions options, NpgsqlDataSource source)
    {
        Options = options;
        Source = source;
        Logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("ChineseClip.Storage.Postgres");
    }

    public PostgresStorageOptions Options { get; }

    public NpgsqlDataSource Source { get; }

    public ILogger Logger { get; }

    /// <summary>The channel on which appends are announced.</summary>
    public string Channel => $"{Options.Schema}_log";

    public static PostgresDatabase Create(PostgresStorageOptions options)
    {
        Check(options);
        NpgsqlConnectionStringBuilder connection = new(options.ConnectionString)
        {
            ApplicationName = "chineseclip-storage",
            CommandTimeout = (int)Math.Ceiling(options.StatementTimeout.TotalSeconds),
            IncludeErrorDetail = false,
        };
        connection.Timeout = Math.Min(connection.Timeout, 5);
        connection.MaxAutoPrepare = Math.Max(connection.MaxAutoPrepare, 32);
        connection.AutoPrepareMinUsages = 2;
        string settings = string.Create(
            CultureInfo.InvariantCulture,
            $"-c statement_timeout={2 * options.StatementTimeout.TotalMilliseconds:F0} -c idle_in_transaction_session_timeout={SilentTransactionTimeout.TotalMilliseconds:F0}");
        connection.Options = string.IsNullOrEmpty(connection.Options) ? settings : $"{settings} {connection.Options}";
        // Npgsql is not given our loggers: it would log every statement.
        return new PostgresDatabase(options, NpgsqlDataSource.Create(connection));
    }

    /// <summary>A statement with positional parameters; the tables are named <c>{schema}.…</c> in it.</summary>
    public NpgsqlCommand Command(string sql, params object[] parameters)
    {
        NpgsqlCommand command = Source.CreateCommand(Sql(sql));
        Add(command.Parameters, parameters);
        return command;
    }

    public NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] parameters)
    {
        NpgsqlCommand command = new(Sql(sql), connection);
        Add(command.Parameters, parameters);
        return command;
    }

    public NpgsqlBatchCommand BatchCommand(string sql, params object[] parameters)
    {
        NpgsqlBatchCommand command = new(Sql(sql));
        Add(command.Parameters, parameters);
        return command;
    }

    public string Sql(string sql) => sql.Replace("{schema}", Options.Schema, StringComparison.Ordinal);

    public ValueTask DisposeAsync() => Source.DisposeAsync();

    private static void Add(NpgsqlParameterCollection collection, object[] parameters)
    {
        foreach (object parameter in parameters)
        {
            collection.Add(new NpgsqlParameter { Value = parameter });
        }
    }

    private static void Check(PostgresStorageOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(options.ConnectionString);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.CacheDirectory);
        if (!SchemaName().IsMatch(options.Schema))
        {
            throw new ArgumentException(
                $"Schema is \"{options.Schema}\"; must be a small letter or '_', then small letters, digits and '_', at most 50 characters.", nameof(options));
        }

        ThrowUnlessWithin(options.MaxRecordBytes, 1, Appends.AppendLimits.MaxCallBytes, nameof(options.MaxRecordBytes));
        ThrowUnlessWithin(options.MaxPendingBytes, options.MaxRecordBytes, long.MaxValue, nameof(options.MaxPendingBytes));
        ThrowUnlessWithin((long)options.StatementTimeout.TotalMilliseconds, 100, 600_000, nameof(options.StatementTimeout));
        ThrowUnlessWithin((long)options.PollInterval.TotalMilliseconds, 10, 60_000, nameof(options.PollInterval));
        ThrowUnlessWithin(options.MaxCacheBytes, 0, long.MaxValue, nameof(options.MaxCacheBytes));
    }

    private static void ThrowUnlessWithin(long value, long least, long most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, $"{name} is {value}; must be {least}..{most}.");
        }
    }

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,49}$", RegexOptions.CultureInvariant)]
    private static partial Regex SchemaName();
}
