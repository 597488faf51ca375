using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace ChineseClip.Cli.Load;

/// <summary>
/// One HTTP/1.1 connection that is kept alive, sends finished bytes and reads no more of an answer than its status and where it
/// ends: a load generator that shares the machine with the server must cost little.
/// </summary>
internal sealed class LoadConnection(Uri server) : IDisposable
{
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();
    private readonly byte[] _buffer = new byte[16 * 1024];
    private Stream? _stream;
    private int _start;
    private int _end;

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
        int headLength = await FindAsync(HeadEnd, cancellationToken);
        string head = Encoding.ASCII.GetString(_buffer, _start, headLength);
        _start += headLength + HeadEnd.Length;
        int status = head.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && head.Length >= 12
            ? int.Parse(head.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture)
            : throw new IOException($"The answer begins with '{head[..Math.Min(40, head.Length)]}'; must be HTTP/1.1.");
        if (Header(head, "Transfer-Encoding") == "chunked")
        {
            while (await SkipChunkAsync(cancellationToken))
            {
            }
        }
        else if (Header(head, "Content-Length") is { } length)
        {
            await SkipAsync(long.Parse(length, NumberStyles.None, CultureInfo.InvariantCulture), cancellationToken);
        }

        if (Header(head, "Connection") == "close")
        {
            Dispose();
        }

        return status;
    }

    private async Task<bool> SkipChunkAsync(CancellationToken cancellationToken)
    {
        int lineLength = await FindAsync("\r\n"u8.ToArray(), cancellationToken);
        string line = Encoding.ASCII.GetString(_buffer, _start, lineLength);
        _start += lineLength + 2;
        int size = int.Parse(line.AsSpan(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
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

    private async Task<int> FindAsync(byte[] mark, CancellationToken cancellationToken)
    {
        int at;
        while ((at = _buffer.AsSpan(_start.._end).IndexOf(mark)) < 0)
        {
            await FillAsync(cancellationToken);
        }

        return at;
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
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

    private static string? Header(string head, string name)
    {
        foreach (string line in head.Split("\r\n").Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line.AsSpan(0, colon).Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return line[(colon + 1)..].Trim();
            }
        }

        return null;
    }
}
