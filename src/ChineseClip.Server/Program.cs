using ChineseClip.Server;
using ChineseClip.Server.Hosting;

try
{
    await ServerRun.RunAsync(
        args, configure: null, address => Console.Out.WriteLineAsync($"Serving on {address.AbsoluteUri.TrimEnd('/')}"));
    return 0;
}
catch (SiloEvictedException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return SiloEvictedException.ExitCode;
}
catch (Exception exception) when (StartFailure.Describe(exception) is { } line)
{
    await Console.Error.WriteLineAsync(line);
    return 1;
}
