using System.Net;
using System.Security.Cryptography;
using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Pulling;

/// <summary>Fetches one file: goes on where an earlier try was cut, and shows it under its name only when size and checksum are right.</summary>
internal sealed class FileDownload(HubRepository repository, string directory)
{
    /// <summary>Tries in a row that bring nothing before it gives up.</summary>
    private const int MaxFruitlessTries = 5;

    private const int BufferBytes = 1 << 20;

    /// <summary>Silence after which a connection is taken for dead.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);

    /// <summary>Waits before the second, third, … fruitless try: this times 1, 2, ….</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Called with the bytes that came.</summary>
    public required Action<long> Advance { get; init; }

    /// <returns>The file's path.</returns>
    /// <exception cref="CommandFailedException">It cannot be had, or is not what the hub says it is.</exception>
    public async Task<string> RunAsync(HubFile file, string revision, CancellationToken cancellationToken)
    {
        string path = Path.Combine(directory, file.Name);
        if (file.Sha256 is not null && File.Exists(path) && await WhatIsWrongAsync(path, file, cancellationToken) is null)
        {
            Advance(new FileInfo(path).Length);
            return path;
        }

        // Only content that a checksum will prove may be put together from two tries.
        string part = $"{path}.{file.Sha256?[..16] ?? "new"}.part";
        if (file.Sha256 is null)
        {
            File.Delete(part);
        }

        bool isResumed = File.Exists(part);
        Advance(isResumed ? new FileInfo(part).Length : 0);
        await FetchAsync(file, revision, part, cancellationToken);
        string? wrong = await WhatIsWrongAsync(part, file, cancellationToken);
        if (wrong is not null && isResumed)
        {
            File.Delete(part);
            await FetchAsync(file, revision, part, cancellationToken);
            wrong = await WhatIsWrongAsync(part, file, cancellationToken);
        }

        if (wrong is not null)
        {
            File.Delete(part);
            throw new CommandFailedException($"The downloaded {file.Name} {wrong}; it was discarded.");
        }

        File.Move(part, path, overwrite: true);
        return path;
    }

    private async Task FetchAsync(HubFile file, string revision, string part, CancellationToken cancellationToken)
    {
        int fruitless = 0;
        while (true)
        {
            long before = File.Exists(part) ? new FileInfo(part).Length : 0;
            string cause;
            try
            {
                await TryAsync(file, revision, part, before, cancellationToken);
                return;
            }
            catch (Exception exception) when (IsTransient(exception, cancellationToken))
            {
                cause = exception.Message;
            }

            long after = File.Exists(part) ? new FileInfo(part).Length : 0;
            fruitless = after > before ? 0 : fruitless + 1;
            if (fruitless == MaxFruitlessTries)
            {
                throw new CommandFailedException(
                    $"{file.Name} stopped at byte {after} and {MaxFruitlessTries} tries brought nothing more: {cause} Run the command again to go on.");
            }

            await Task.Delay(Pause * fruitless, cancellationToken);
        }
    }

    private async Task TryAsync(HubFile file, string revision, string part, long from, CancellationToken cancellationToken)
    {
        if (file.Size is { } size && from >= size)
        {
            if (from == size)
            {
                return;
            }

            File.Delete(part);
            from = 0;
        }

        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(Stall);
        using HttpResponseMessage answer = await repository.GetAsync(file.Name, revision, from, stall.Token);
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            File.Delete(part);
            throw new IOException($"the hub has no byte {from} of it.");
        }

        bool isRest = answer.StatusCode == HttpStatusCode.PartialContent && answer.Content.Headers.ContentRange?.From == from;
        if (answer.StatusCode == HttpStatusCode.PartialContent && !isRest)
        {
            File.Delete(part);
            throw new IOException($"the hub gave other bytes than those from {from} on.");
        }

        await using FileStream output = new(part, isRest ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read);
        await using Stream input = await answer.Content.ReadAsStreamAsync(stall.Token);
        byte[] buffer = new byte[BufferBytes];
        int count;
        while ((count = await input.ReadAsync(buffer, stall.Token)) > 0)
        {
            await output.WriteAsync(buffer.AsMemory(0, count), stall.Token);
            Advance(count);
            stall.CancelAfter(Stall);
            if (output.Position > file.Size)
            {
                return; // the check tells how it is wrong
            }
        }

        if (output.Position < file.Size)
        {
            throw new IOException($"the connection ended at byte {output.Position} of {file.Size}.");
        }
    }

    private static bool IsTransient(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested;

    /// <returns>Null where size and checksum are right.</returns>
    private static async Task<string?> WhatIsWrongAsync(string path, HubFile file, CancellationToken cancellationToken)
    {
        await using FileStream content = File.OpenRead(path);
        if (file.Size is { } size && content.Length != size)
        {
            return $"has {content.Length} bytes; must have {size}";
        }

        if (file.Sha256 is null)
        {
            return null;
        }

        string found = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
        return found == file.Sha256 ? null : $"has the SHA-256 {found}; must have {file.Sha256}";
    }
}
