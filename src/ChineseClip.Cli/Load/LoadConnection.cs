using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;

namespace ChineseClip.Cli.Load;

/// <summary>
/// One HTTP/1.1 connection that is kept alive, sends finished bytes and reads no more of an answer than its status and where it
/// ends: a load generator that shares the machine with the server must cost little.
/// </summary>
internal sealed class LoadConnection(Uri server) : IDisposable
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private Stream? _stream;
    private int _start;
    private int _end;

    /// <summary>How often it was made.</summary>
    public int OpenedCount { get; private set; }

    private ReadOnlySpan<byte> Available => _buffer.AsSpan(_start.._end);

    /// <summary>Sends a request and reads its answer to the end.</summary>
    /// <returns>The status.</returns>
    /// <exception cref="IOException">The connection broke, or the answer is not HTTP.</exception>
    public async Task<int> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            _stream ??= await ConnectAsync(cancellationToken);
            await _stream.WriteAsync(request, cancellationToken);
            return await ReadAnswerAsync(cancellationToken);
        }
        catch
        {
            Dispose();    // what comes next on this connection would belong to this request
            throw;
        }
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _stream = null;
        _start = _end = 0;
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        OpenedCount++;
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellationToken);
            NetworkStream plain = new(socket, ownsSocket: true);
            if (server.Scheme != Uri.UriSchemeHttps)
            {
                return plain;
            }

            SslStream secured = new(plain);
            await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = server.Host }, cancellationToken);
            return secured;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<int> ReadAnswerAsync(CancellationToken cancellationToken)
    {
        int headLength;
        while ((headLength = Available.IndexOf("\r\n\r\n"u8)) < 0)
        {
            await FillAsync(cancellationToken);
        }

        AnswerHead head = AnswerHead.Read(Available[..headLength]);
        _start += headLength + 4;
        if (head.IsChunked)
        {
            while (await SkipChunkAsync(cancellationToken))
            {
            }
        }
        else
        {
            await SkipAsync(head.ContentLength, cancellationToken);
        }

        if (head.Closes)
        {
            Dispose();
        }

        return head.Status;
    }

    private async Task<bool> SkipChunkAsync(CancellationToken cancellationToken)
    {
        int lineLength;
        while ((lineLength = Available.IndexOf("\r\n"u8)) < 0)
        {
            await FillAsync(cancellationToken);
        }

        int size = int.Parse(Available[..lineLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        _start += lineLength + 2;
        await SkipAsync(size + 2, cancellationToken);
        return size > 0;
    }

    private async Task SkipAsync(long count, CancellationToken cancellationToken)
    {
        while (true)
        {
            int here = (int)Math.Min(count, _end - _start);
            _start += here;
            count -= here;
            if (count == 0)
            {
                return;
            }

            await FillAsync(cancellationToken);
        }
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            Available.CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            throw new IOException($"The head of the answer has more than {_buffer.Length} bytes.");
        }

        int read = await _stream!.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read > 0 ? read : throw new IOException("The server closed the connection in the middle of an answer.");
    }
}
