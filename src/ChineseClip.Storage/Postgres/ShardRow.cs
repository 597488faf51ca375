namespace ChineseClip.Storage.Postgres;

/// <summary>The lease and the ends of a log as they are in the database.</summary>
internal readonly record struct ShardRow(long ShardId, long Epoch, long FirstLsn, long LastLsn)
{
    public const string Columns = "shard_id, epoch, first_lsn, last_lsn";

    public static ShardRow Read(Npgsql.NpgsqlDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
}
