using ChineseClip.Cli.Running;

using CliStreams streams = CliStreams.OfProcess();
return await CommandLineApp.RunAsync(args, streams, CancellationToken.None);
