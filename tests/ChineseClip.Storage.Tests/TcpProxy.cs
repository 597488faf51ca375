using System.Net;
using System.Net.Sockets;

namespace ChineseClip.Storage.Tests;

/// <summary>Stands between a client and a server, and can hold back or lose what passes.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    private readonly CancellationTokenSource _stopping = new();

    private readonly List<Task> _pumps = [];

    private readonly int _serverPort;

    private readonly Task _accepting;

    private TaskCompletionSource? _toServerHeld;

    private int _passedBeforeHolding;

    private byte[]? _lostWord;

    public TcpProxy(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>The next answer that holds this word is lost, and the connection with it.</summary>
    public void LoseAnswerWith(string word) => _lostWord = System.Text.Encoding.ASCII.GetBytes(word);

    /// <summary>After some bytes more, what clients say does not reach the server any more, until released.</summary>
    public void HoldAfter(int bytes)
    {
        _passedBeforeHolding = bytes;
        _toServerHeld = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Release() => Interlocked.Exchange(ref _toServerHeld, null)?.SetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_pumps);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                _pumps.Add(PumpAsync(client));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // It is over.
        }
    }

    private async Task PumpAsync(TcpClient client)
    {
        using (client)
        using (TcpClient server = new() { NoDelay = true })
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, _stopping.Token);
                client.NoDelay = true;
                await Task.WhenAny(ToServerAsync(client, server), ToClientAsync(server, client));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // One side has gone; the other follows.
            }
        }
    }

    private async Task ToServerAsync(TcpClient client, TcpClient server)
    {
        byte[] buffer = new byte[4096];
        while (await client.GetStream().ReadAsync(buffer, _stopping.Token) is > 0 and int read)
        {
            if (_toServerHeld is { } held && (_passedBeforeHolding -= read) < 0)
            {
                await held.Task;
            }

            await server.GetStream().WriteAsync(buffer.AsMemory(0, read), _stopping.Token);
        }
    }

    private async Task ToClientAsync(TcpClient server, TcpClient client)
    {
        byte[] buffer = new byte[4096];
        while (await server.GetStream().ReadAsync(buffer, _stopping.Token) is > 0 and int read)
        {
            if (_lostWord is { } word && buffer.AsSpan(0, read).IndexOf(word) >= 0)
            {
                _lostWord = null;
                return;
            }

            await client.GetStream().WriteAsync(buffer.AsMemory(0, read), _stopping.Token);
        }
    }
}
