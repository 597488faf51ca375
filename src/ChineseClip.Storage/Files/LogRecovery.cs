using System.Security.Cryptography;

namespace ChineseClip.Storage.Files;

// Recovery of one shard's log.
//
// Invariants on disk. (a) A segment gets its name only after its header is synced, and the segment before it is synced by then; so only the
// last segment may have a torn tail. (b) A group of records is written behind the last synced byte and acknowledged after the sync; the next group
// carries, in each record, the last LSN known durable. (c) The lease is durable before any record of its epoch is written.
//
// A bad record with LSN n. A crash may persist the pages of the last, unacknowledged group in any order, so intact records may follow a
// hole. If any intact record after it knows n to be durable, n was acknowledged: that is damage, and the log is refused. Otherwise everything
// from n on belongs to one group that was never acknowledged: it is dropped. For the very last group, after which nothing was written, the
// Watermark says whether it was acknowledged; see there for what that leaves open.
//
// What is found intact in the last group may sit only in the page cache, marked clean by a sync that failed. It is written again in place
// and synced before anyone is shown it.

/// <summary>Verifies a log from the first byte to the last and makes it ready for appending. See the note above this type.</summary>
internal sealed class LogRecovery(IFileSystem fileSystem, string directory, string shardKey, long epoch)
{
    private const int CopyBytes = 1 << 20;

    /// <remarks>Cost: reads the whole log once. Memory: one buffer.</remarks>
    public RecoveredLog Run(CancellationToken cancellationToken)
    {
        List<Segment> segments = Segment.Find(fileSystem, directory);
        if (segments.Count == 0)
        {
            return Begin();
        }

        ulong previousChecksum = 0;
        SegmentHeader? previous = null;
        for (int i = 0; i < segments.Count - 1; i++)
        {
            using IStorageFile file = fileSystem.Open(segments[i].Path, FileOpening.Read);
            SegmentHeader header = ReadHeader(file, segments[i], previous, previousChecksum);
            SegmentReader reader = new(file, header, file.Length);
            ReadToEnd(reader, file.Path, cancellationToken, out _);
            if (reader.Fault.Length > 0)
            {
                throw MediumErrors.Corrupt(file.Path, reader.Offset, reader.Fault);
            }

            if (reader.NextLsn != segments[i + 1].BaseLsn)
            {
                throw MediumErrors.Corrupt(
                    file.Path, reader.Offset, $"it ends before record {reader.NextLsn}, the next segment begins with {segments[i + 1].BaseLsn}.");
            }

            previous = header;
            previousChecksum = reader.Chain;
        }

        return RecoverLast(segments, previous, previousChecksum, cancellationToken);
    }

    private RecoveredLog Begin()
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        SegmentHeader header = new(shardKey, BaseLsn: 1, PreviousChecksum: 0, LogId: BitConverter.ToUInt64(random));
        Segment segment = Segment.At(directory, header.BaseLsn);
        AtomicFile.Replace(fileSystem, segment.Path, header.Encode());
        return new RecoveredLog
        {
            Segments = [segment],
            Watermark = Watermark.Begin(fileSystem, directory, header.LogId, 0),
            ActiveFile = fileSystem.Open(segment.Path, FileOpening.ReadWrite),
            ActiveEnd = header.Length,
            LastLsn = 0,
            Chain = header.ChainStart(),
            LogId = header.LogId,
        };
    }

    private RecoveredLog RecoverLast(
        List<Segment> segments, SegmentHeader? previous, ulong previousChecksum, CancellationToken cancellationToken)
    {
        IStorageFile file = fileSystem.Open(segments[^1].Path, FileOpening.ReadWrite);
        try
        {
            SegmentHeader header = ReadHeader(file, segments[^1], previous, previousChecksum);
            long length = file.Length;
            SegmentReader reader = new(file, header, length);
            ReadToEnd(reader, file.Path, cancellationToken, out long lastGroupOffset);
            RefuseWhenAcknowledged(reader, file.Path, Watermark.Read(fileSystem, directory, header.LogId));
            if (reader.Offset < length)
            {
                RefuseUnlessTorn(reader, file.Path);
                file.SetLength(reader.Offset);
            }

            WriteAgain(file, lastGroupOffset, reader.Offset);
            file.Sync();
            fileSystem.SyncDirectory(directory);
            return new RecoveredLog
            {
                Segments = segments,
                ActiveFile = file,
                Watermark = Watermark.Begin(fileSystem, directory, header.LogId, reader.NextLsn - 1),
                ActiveEnd = reader.Offset,
                LastLsn = reader.NextLsn - 1,
                Chain = reader.Chain,
                LogId = header.LogId,
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private SegmentHeader ReadHeader(IStorageFile file, Segment segment, SegmentHeader? previous, ulong previousChecksum)
    {
        SegmentHeader header = SegmentHeader.Read(file);
        if (header.ShardKey != shardKey)
        {
            throw MediumErrors.Corrupt(file.Path, 0, $"it belongs to shard '{header.ShardKey}', not '{shardKey}'.");
        }

        if (header.BaseLsn != segment.BaseLsn)
        {
            throw MediumErrors.Corrupt(file.Path, 16, $"its first record is {header.BaseLsn}, its name says {segment.BaseLsn}.");
        }

        if (previous is not null && (header.LogId != previous.LogId || header.PreviousChecksum != previousChecksum))
        {
            throw MediumErrors.Corrupt(file.Path, 24, "it does not continue the segment before it.");
        }

        return header;
    }

    /// <param name="reader">Stands at the end or at the bad record afterwards.</param>
    /// <param name="path">For messages.</param>
    /// <param name="cancellationToken">Checked at every record.</param>
    /// <param name="lastGroupOffset">Where the last group of records begins: what no later record vouches for.</param>
    private void ReadToEnd(SegmentReader reader, string path, CancellationToken cancellationToken, out long lastGroupOffset)
    {
        lastGroupOffset = reader.Offset;
        long durableLsn = -1;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long offset = reader.Offset;
            if (reader.Read(out RecordHeader header, out _) != ReadOutcome.Record)
            {
                return;
            }

            if (header.Epoch >= epoch)
            {
                throw MediumErrors.Corrupt(path, offset, $"record {header.Lsn} is of epoch {header.Epoch}, the lease has only reached {epoch - 1}.");
            }

            if (header.DurableLsn != durableLsn)
            {
                durableLsn = header.DurableLsn;
                lastGroupOffset = offset;
            }
        }
    }

    private void RefuseWhenAcknowledged(SegmentReader reader, string path, long acknowledgedLsn)
    {
        if (acknowledgedLsn >= reader.NextLsn)
        {
            string fault = reader.Fault.Length > 0 ? reader.Fault : "it ends here.";
            throw MediumErrors.Corrupt(
                path,
                reader.Offset,
                $"{fault} Records up to {acknowledgedLsn} had been acknowledged, as '{Watermark.PathIn(directory)}' tells.");
        }
    }

    private static void RefuseUnlessTorn(SegmentReader reader, string path)
    {
        if (reader.IsMisplaced)
        {
            throw MediumErrors.Corrupt(path, reader.Offset, reader.Fault);
        }

        long from = reader.Offset + 1;
        while (reader.TryFindLater(ref from, out RecordHeader later))
        {
            if (later.DurableLsn >= reader.NextLsn)
            {
                throw MediumErrors.Corrupt(
                    path, reader.Offset, $"{reader.Fault} Record {reader.NextLsn} had been acknowledged, as record {later.Lsn} after it tells.");
            }
        }
    }

    private static void WriteAgain(IStorageFile file, long from, long to)
    {
        byte[] buffer = new byte[(int)Math.Min(CopyBytes, to - from)];
        for (long offset = from; offset < to;)
        {
            Span<byte> chunk = buffer.AsSpan(0, (int)Math.Min(buffer.Length, to - offset));
            if (file.Read(offset, chunk) != chunk.Length)
            {
                throw new IOException($"'{file.Path}' could not be read again at byte {offset}.");
            }

            file.Write(offset, chunk);
            offset += chunk.Length;
        }
    }
}
