namespace ChineseClip.Cli.Tests;

/// <summary>What is wrong on the command line ends with 2 and does nothing; what fails while working ends with 1.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("", "Required command")]
    [InlineData("serch --text x", "serch")]
    [InlineData("embed --model demo", "needs at least one --text, one --image, or --stdin")]
    [InlineData("embed --text x", "--model")]
    [InlineData("search --collection c", "search has 0 of --text, --image, --id and --vector; must have exactly one.")]
    [InlineData("search --collection c --text a --id b", "search has 2 of --text, --image, --id and --vector; must have exactly one.")]
    [InlineData("search --collection c --text a -k 0", "-k is '0'; must be a whole number, 1..1000.")]
    [InlineData("search --collection c --text a --server ftp://x", "--server is 'ftp://x'; must be an http or https address")]
    [InlineData("search --collection c --text a --filter {", "--filter is not a filter in JSON")]
    [InlineData("model convert src --out dir --precision fp8", "--precision is 'fp8'; must be fp32, fp16 or int8.")]
    [InlineData("model convert src", "--out")]
    [InlineData("demo --images 5", "--images is '5'; must be a whole number, 10..1000000.")]
    [InlineData("demo --port 70000", "--port is '70000'; must be a whole number, 0..65535.")]
    [InlineData("demo --seed x", "--seed")]
    [InlineData("serve --url http://x", "'--url' is neither an option of serve nor a setting")]
    [InlineData("serve --Cluster:Roles", "The setting '--Cluster:Roles' has no value.")]
    [InlineData("classify --model m --image a.jpg --labels a,b --template 照片", "--template is '照片'; it must contain {}")]
    [InlineData("classify --model m --image a.jpg --labels ,", "--labels is ','; must name at least one label.")]
    [InlineData("tokenize --text a", "either --model or --vocab")]
    [InlineData("tokenize --model a --vocab b --text c", "either --model or --vocab")]
    [InlineData("tokenize --vocab b --reference google --text c", "--reference is 'google'; must be hf or ofa.")]
    [InlineData("similarity --model m --image a.jpg", "--text")]
    [InlineData("collection create c", "--model")]
    [InlineData("collection create c --model m --shards 0", "--shards is '0'; must be a whole number, 1..256.")]
    public async Task WrongCommandLine_Ends2AndSaysWhy(string line, string message)
    {
        CliRun run = await CliRun.OfAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("embed --model nowhere --text x", "There is no model 'nowhere'")]
    [InlineData("model info /no/such/dir", "There is no model package in '/no/such/dir'")]
    [InlineData("model convert /no/such/checkpoint --out out", "There is no checkpoint at '/no/such/checkpoint'.")]
    [InlineData("similarity --model m --image /no/such.jpg --text a", "There is no file '/no/such.jpg'.")]
    [InlineData("index /no/such/folder --collection c", "There is no folder or file '/no/such/folder'.")]
    [InlineData("search --collection c --text a --server http://127.0.0.1:1", "127.0.0.1:1")]
    [InlineData("serve --config /no/such.json", "There is no configuration file '/no/such.json'.")]
    public async Task FailingWork_Ends1AndNamesTheInput(string line, string message)
    {
        CliRun run = await CliRun.OfAsync(line.Split(' '));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("demo --help")]
    [InlineData("serve --help")]
    [InlineData("model --help")]
    [InlineData("model convert --help")]
    [InlineData("embed --help")]
    [InlineData("classify --help")]
    [InlineData("collection create --help")]
    [InlineData("index --help")]
    [InlineData("search --help")]
    public async Task Help_Ends0(string line)
    {
        CliRun run = await CliRun.OfAsync(line.Split(' '));

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Usage:", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelInfo_OfACheckpoint_SaysHowToConvertIt()
    {
        CliRun run = await CliRun.OfAsync("model", "info", TinyModel.Checkpoint);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("convert it with: chineseclip model convert", run.Error, StringComparison.Ordinal);
    }
}
