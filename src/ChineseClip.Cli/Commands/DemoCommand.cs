using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ChineseClip.Cli.DemoRun;
using ChineseClip.Cli.Running;
using ChineseClip.Cli.Serving;
using ChineseClip.Demo;
using ChineseClip.Demo.Evaluation;
using ChineseClip.Demo.Facts;
using ChineseClip.Model;

namespace ChineseClip.Cli.Commands;

/// <summary><c>demo</c>: the whole job in one process, on pictures drawn on the spot.</summary>
internal sealed class DemoCommand : CliCommand
{
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1.5);

    private readonly Option<int> _images = SharedOptions.Number("--images", "Pictures to draw and index", 2000, (10, 1_000_000));
    private readonly Option<int> _port = SharedOptions.Number("--port", "Port on this machine; 0 takes a free one", 8080, (0, ushort.MaxValue));
    private readonly Option<int> _heldOut = SharedOptions.Number(
        "--held-out", "Pictures of the evaluation; 0 leaves it out", HeldOutSet.DefaultPictureCount, (0, 10_000));

    private readonly Option<bool> _once = new("--once") { Description = "End after printing instead of serving on." };
    private readonly Option<bool> _json = SharedOptions.Json();

    private readonly Option<string> _data = new("--data")
    {
        Description = "Where pictures, model and collection are kept.",
        HelpName = "DIR",
        DefaultValueFactory = _ => DataDirectories.Demo,
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Which pictures.",
        HelpName = "N",
        DefaultValueFactory = _ => DemoSeeds.Gallery,
    };

    public DemoCommand(CliStreams streams)
        : base("demo", "Draw pictures, index them in a cluster of one process, ask Chinese queries, then serve API and page.", streams)
    {
        Add(_images);
        Add(_port);
        Add(_data);
        Add(_seed);
        Add(_heldOut);
        Add(_once);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        DemoSettings settings = new()
        {
            Images = parsed.GetValue(_images),
            Seed = parsed.GetValue(_seed),
            Port = parsed.GetValue(_port),
            Directory = Path.GetFullPath(parsed.GetRequiredValue(_data)),
            HeldOutPictures = parsed.GetValue(_heldOut),
        };
        bool asJson = parsed.GetValue(_json);
        RequireFreePort(settings.Port);
        Directory.CreateDirectory(settings.PictureDirectory);
        string package = DemoModel.EnsurePackage(settings.ModelsDirectory, cancellationToken);
        string modelSha256 = ModelPackage.Open(package).Manifest.Sha256;

        await using RunningServer server = await ServerStart.StartAsync(ServerArguments(settings, package), configure: null, cancellationToken);
        server.LongestStop = LongestStop;
        await Streams.Error.WriteLineAsync($"Data directory: {settings.Directory}");
        using ServerConnection connection = new(server.Address);
        DemoOutcome outcome = await ShowAsync(settings, connection, modelSha256, cancellationToken);
        await (asJson ? DemoReport.WriteJsonAsync(Streams, outcome) : DemoReport.WriteTextAsync(Streams, outcome));
        if (!parsed.GetValue(_once))
        {
            await server.ServeAsync(asJson ? Streams.Error : Streams.Output, cancellationToken);
        }
    }

    private async Task<DemoOutcome> ShowAsync(
        DemoSettings settings, ServerConnection connection, string modelSha256, CancellationToken cancellationToken)
    {
        IReadOnlyList<DemoPicture> pictures = DemoPictures.Gallery(settings.Images, settings.Seed);
        DemoCollection collection = new(connection.Client, settings, Streams);
        DemoState? state = DemoState.Read(settings.StateFile);
        bool wasIndexed = await collection.IsCompleteAsync(state, modelSha256, cancellationToken);
        if (!wasIndexed)
        {
            File.Delete(settings.StateFile);
        }

        await DemoGallery.DrawAsync(Streams, settings.PictureDirectory, pictures, wasIndexed, cancellationToken);
        if (!wasIndexed)
        {
            TimeSpan elapsed = await collection.IndexAsync(pictures, cancellationToken);
            state = new DemoState(settings.Images, settings.Seed, modelSha256, elapsed.TotalSeconds);
            state.Write(settings.StateFile);
        }

        DemoQueryRun queries = new(connection.Client);
        return new DemoOutcome
        {
            Settings = settings,
            IndexSeconds = state!.IndexSeconds,
            WasIndexed = wasIndexed,
            Queries = await queries.AskTextsAsync(cancellationToken),
            PictureQuery = await queries.AskPictureAsync(cancellationToken),
            HeldOut = settings.HeldOutPictures > 0
                ? await new DemoEvaluation(connection.Client, Streams).RunAsync(settings.HeldOutPictures, cancellationToken)
                : null,
        };
    }

    private static string[] ServerArguments(DemoSettings settings, string package) =>
    [
        // Kestrel binds "localhost" on IPv4 and IPv6, but cannot choose one free port for both.
        "--urls", settings.Port == 0 ? "http://127.0.0.1:0" : string.Create(CultureInfo.InvariantCulture, $"http://localhost:{settings.Port}"),
        "--Cluster:ClusterId", "demo",
        "--Storage:Directory", settings.StorageDirectory,
        $"--Inference:Models:{DemoCollection.Model}", package,
        "--Images:AllowedPathRoots:0", settings.PictureDirectory,
        "--Logging:LogLevel:Default", "Warning",
        "--Logging:LogLevel:Orleans", "Critical", // the rest is advice for real clusters; failures come back as answers
        "--shutdownTimeoutSeconds", "1",
    ];

    /// <summary>Told before any work is done, not after a minute of drawing.</summary>
    private static void RequireFreePort(int port)
    {
        try
        {
            using TcpListener listener = new(IPAddress.Loopback, port);
            listener.Start();
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            throw new CommandFailedException(
                $"Port {port} cannot be listened on ({exception.Message}); choose another with --port, or 0 for a free one.", exception);
        }
    }
}
